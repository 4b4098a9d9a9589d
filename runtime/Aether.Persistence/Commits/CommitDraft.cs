using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Aether.Persistence.Codec;
using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <summary>
/// A commit that its caller's thread prepares before it takes any lock: checked against <see cref="CommitLimits"/>,
/// encoded as in the log, and hashed. Under the lock remain only the checks against the state, the time stamp and the
/// copying of bytes. Each thread reuses one draft, so that a commit produces no garbage.
/// </summary>
internal sealed class CommitDraft
{
    private const int KeptBytes = 64 << 10;
    private const int HashBytes = 16;

    [ThreadStatic]
    private static CommitDraft? _own;

    private readonly List<StateChange> _changes = [];
    private readonly ByteWriter _bytes = new(1024);

    // What two commits with one idempotency key must have in common: the mutations and their expected versions, without
    // the key.
    private readonly ByteWriter _content = new(1024);
    private WalEntry _entry;

    private CommitDraft()
    {
    }

    /// <summary>The idempotency key; empty if there is none.</summary>
    public string IdempotencyKey { get; private set; } = "";

    /// <summary>The commit as the log holds it, once it has its time.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes.Span;

    /// <summary>Where its parts are in the bytes.</summary>
    public ref readonly WalEntry Entry => ref _entry;

    /// <summary>Whether a mutation expects a version.</summary>
    public bool HasExpectations { get; private set; }

    /// <summary>Its changes, one for each mutation.</summary>
    public ReadOnlySpan<StateChange> Changes => CollectionsMarshal.AsSpan(_changes);

    /// <summary>
    /// Prepares <paramref name="commit"/> in the calling thread's draft, which is valid until the thread's next commit.
    /// If <paramref name="keys"/> is given, starts to load the memory that the look-up of the idempotency key will
    /// need.
    /// </summary>
    /// <exception cref="InvalidCommitException">The commit is malformed or too large.</exception>
    public static CommitDraft Of(Commit commit, IdempotencyTable? keys = null)
    {
        var draft = _own ??= new CommitDraft();
        draft.Clear();
        draft.Encode(commit, keys);
        return draft;
    }

    /// <summary>Gives the commit its time, and returns it as it is to be applied.</summary>
    public ref readonly WalEntry Stamp(DateTimeOffset committedAt)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.Span, LogTime.ToMicroseconds(committedAt));
        _entry = _entry with { CommittedAt = committedAt };
        return ref _entry;
    }

    /// <summary>Drops all references; allocates nothing.</summary>
    public void Clear()
    {
        _changes.Clear();
        HasExpectations = false;
        _bytes.ClearAndTrim(KeptBytes);
        _content.ClearAndTrim(KeptBytes);
    }

    private void Encode(Commit commit, IdempotencyTable? keys)
    {
        var mutations = commit.Mutations;
        var count = mutations.Count;
        CommitSize.CheckMutations(count);
        EncodeHead(commit.IdempotencyKey ?? "", count, keys);
        long total = 0;
        for (var i = 0; i < count; i++)
        {
            total += Encode(mutations[i], i);
            if (total > CommitLimits.MaxCommitBytes)
                CommitSize.Refuse(commit);
        }

        if (_entry.KeyLength > 0)
            HashContent();
    }

    private void EncodeHead(string idempotencyKey, int count, IdempotencyTable? keys)
    {
        IdempotencyKey = idempotencyKey;
        const int KeyStart = sizeof(long) + sizeof(ushort);
        var room = _bytes.Reserve(KeyStart + CommitLimits.MaxIdempotencyKeyBytes + HashBytes + sizeof(ushort));
        room[..KeyStart].Clear();
        var length = KeyStart;
        var keyLength = 0;
        uint keyHash = 0;
        if (idempotencyKey.Length > 0)
        {
            keyLength = Text(
                idempotencyKey, room[sizeof(long)..], CommitLimits.MaxIdempotencyKeyBytes, "idempotencyKey", null);
            keyHash = EncodedKey.Hash(room.Slice(KeyStart, keyLength));
            keys?.Touch(keyHash);
            length += keyLength + HashBytes;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(room[length..], (ushort)count);
        _bytes.Shrink(room.Length - length - sizeof(ushort));
        _entry = new WalEntry(default, KeyStart, keyLength, keyHash, default, count);
    }

    // Returns the bytes that count towards the limit of a commit.
    private int Encode(in Mutation mutation, int index)
    {
        var value = mutation.Value.Span;
        CommitSize.CheckValue(value.Length, index);
        const int Mark = sizeof(byte);
        var start = _bytes.Length + Mark;
        var room = _bytes.Reserve(Mark + EncodedKey.MaxBytes + sizeof(uint) + value.Length);
        room[0] = mutation.IsDelete ? WalEntry.DeleteMark : WalEntry.PutMark;
        var kind = Text(mutation.Key.Kind, room[Mark..], StateKey.MaxPartBytes, "key.kind", index);
        var id = Text(
            mutation.Key.Id, room[(Mark + sizeof(ushort) + kind)..], StateKey.MaxPartBytes, "key.id", index);
        var keyLength = (2 * sizeof(ushort)) + kind + id;
        var length = Mark + keyLength;
        if (!mutation.IsDelete)
        {
            BinaryPrimitives.WriteInt32LittleEndian(room[length..], value.Length);
            value.CopyTo(room[(length + sizeof(uint))..]);
            length += sizeof(uint) + value.Length;
        }

        _bytes.Shrink(room.Length - length);
        var change = mutation.IsDelete
            ? StateChange.Remove(Encoded, start, keyLength)
            : StateChange.Put(Encoded, start, keyLength, value.Length);
        _changes.Add(change);
        HasExpectations |= mutation.ExpectedVersion is not null;
        if (_entry.KeyLength > 0)
            AddToContent(mutation, change.Hash);
        return kind + id + value.Length;
    }

    private void HashContent()
    {
        _entry = _entry with { ContentHash = XxHash128.HashToUInt128(_content.Span) };
        BinaryPrimitives.WriteUInt128LittleEndian(
            _bytes.Span[(_entry.KeyStart + _entry.KeyLength)..], _entry.ContentHash);
    }

    private void AddToContent(in Mutation mutation, UInt128 hash)
    {
        var bytes = _content.Reserve(1 + sizeof(ulong) + HashBytes);
        bytes[0] = (byte)((mutation.IsDelete ? 1 : 0) | (mutation.ExpectedVersion is null ? 0 : 2));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], mutation.ExpectedVersion?.Value ?? 0);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[9..], hash);
    }

    // Returns the length of the text without its length prefix.
    private static int Text(string? text, Span<byte> room, int limit, string field, int? index)
    {
        var bytes = room.Slice(sizeof(ushort), limit);
        var status = Ascii.FromUtf16(text, bytes, out var written);
        if (status == OperationStatus.InvalidData)
            status = Utf8.FromUtf16(text, bytes, out _, out written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done || written == 0)
            RefuseText(index is null ? field : $"mutations[{index}].{field}", text, limit, status);
        BinaryPrimitives.WriteUInt16LittleEndian(room, (ushort)written);
        return written;
    }

    // Text that is not valid UTF-16 has no UTF-8 form: with the replacement character two different keys would become
    // one.
    [DoesNotReturn]
    private static void RefuseText(string field, string? text, int limit, OperationStatus status) =>
        throw (status == OperationStatus.InvalidData
            ? new InvalidCommitException(field, "is not valid Unicode (a lone surrogate)")
            : new InvalidCommitException(field, "bytes of UTF-8", 1, limit, Encoding.UTF8.GetByteCount(text ?? "")));
}
