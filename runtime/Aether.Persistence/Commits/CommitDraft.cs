using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <summary>
/// A commit made ready by its caller, before any lock is taken: checked against <see cref="CommitLimits"/>, encoded as
/// the log holds it, and hashed. What is left to do under the lock is to judge it, to stamp it and to move bytes. One
/// per thread, used again and again, so that a commit costs no garbage.
/// </summary>
internal sealed class CommitDraft
{
    private const int KeptBytes = 64 << 10;

    [ThreadStatic]
    private static CommitDraft? _own;

    private readonly List<StateChange> _changes = [];
    private readonly XxHash128 _contentHasher = new();
    private ByteWriter _bytes = new(1024);
    private WalEntry _entry;

    private CommitDraft()
    {
    }

    /// <summary>The idempotency key; empty: none.</summary>
    public string IdempotencyKey { get; private set; } = "";

    /// <summary>The entry as the log holds it, once it is stamped.</summary>
    public ReadOnlySpan<byte> Encoded => _bytes.Written.Span;

    /// <summary>Where things stand in it.</summary>
    public ref readonly WalEntry Entry => ref _entry;

    /// <summary>What it does, mutation by mutation.</summary>
    public ReadOnlySpan<StateChange> Changes => CollectionsMarshal.AsSpan(_changes);

    /// <summary>
    /// Makes the calling thread's draft of <paramref name="commit"/>, good until its next one. What will be looked up
    /// in <paramref name="keys"/>, if it is given, is on its way from memory meanwhile.
    /// </summary>
    /// <exception cref="InvalidCommitException">The commit is malformed or too large.</exception>
    public static CommitDraft Of(Commit commit, IdempotencyTable? keys = null)
    {
        var draft = _own ??= new CommitDraft();
        draft.Clear();
        CommitSize.Check(commit);
        draft.Encode(commit, keys);
        return draft;
    }

    /// <summary>Gives the commit its time, and returns it as it is to be applied.</summary>
    public ref readonly WalEntry Stamp(DateTimeOffset committedAt)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.Written.Span, LogTime.ToMicroseconds(committedAt));
        _entry = _entry with { CommittedAt = committedAt };
        return ref _entry;
    }

    /// <summary>Lets go of what it refers to.</summary>
    public void Clear()
    {
        _changes.Clear();
        _contentHasher.Reset();
        if (_bytes.Capacity > KeptBytes)
            _bytes = new ByteWriter(1024);
        _bytes.Clear();
    }

    private void Encode(Commit commit, IdempotencyTable? keys)
    {
        IdempotencyKey = commit.IdempotencyKey ?? "";
        _bytes.Int64(0);
        var keyLength = EncodeIdempotencyKey();
        var keyStart = _bytes.Length - keyLength;
        uint keyHash = 0;
        if (keyLength > 0)
        {
            keyHash = EncodedKey.Hash(Encoded[keyStart..]);
            keys?.Touch(keyHash);
            _bytes.UInt128(default);
        }

        _bytes.UInt16((ushort)commit.Mutations.Count);
        long total = 0;
        for (var i = 0; i < commit.Mutations.Count; i++)
            total += Encode(commit.Mutations[i], i);
        if (total > CommitLimits.MaxCommitBytes)
            CommitSize.Refuse(commit);

        _entry = new WalEntry(default, keyStart, keyLength, keyHash, default, commit.Mutations.Count);
        if (keyLength > 0)
            HashContent();
    }

    // Returns its bytes.
    private int EncodeIdempotencyKey()
    {
        if (IdempotencyKey.Length > 0)
            return Text(IdempotencyKey, CommitLimits.MaxIdempotencyKeyBytes, "idempotencyKey", null);
        _bytes.UInt16(0);
        return 0;
    }

    // Returns the bytes that count towards the limit of the commit.
    private int Encode(in Mutation mutation, int index)
    {
        _bytes.Byte(mutation.IsDelete ? WalEntry.DeleteMark : WalEntry.PutMark);
        var start = _bytes.Length;
        var keyBytes = Text(mutation.Key.Kind, StateKey.MaxPartBytes, "key.kind", index)
            + Text(mutation.Key.Id, StateKey.MaxPartBytes, "key.id", index);
        var keyLength = _bytes.Length - start;
        if (!mutation.IsDelete)
            _bytes.Bytes(mutation.Value.Span);

        var change = mutation.IsDelete
            ? StateChange.Remove(Encoded, start, keyLength)
            : StateChange.Put(Encoded, start, keyLength, mutation.Value.Length);
        _changes.Add(change);
        if (IdempotencyKey.Length > 0)
            AddToContentHash(mutation, change.Hash);
        return keyBytes + mutation.Value.Length;
    }

    private void HashContent()
    {
        _entry = _entry with { ContentHash = _contentHasher.GetCurrentHashAsUInt128() };
        BinaryPrimitives.WriteUInt128LittleEndian(
            _bytes.Written.Span[(_entry.KeyStart + _entry.KeyLength)..], _entry.ContentHash);
    }

    private void AddToContentHash(in Mutation mutation, UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[1 + sizeof(ulong) + 16];
        bytes[0] = (byte)((mutation.IsDelete ? 1 : 0) | (mutation.ExpectedVersion is null ? 0 : 2));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], mutation.ExpectedVersion?.Value ?? 0);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[9..], hash);
        _contentHasher.Append(bytes);
    }

    private int Text(string? text, int limit, string field, int? index)
    {
        var room = _bytes.Reserve(sizeof(ushort) + limit);
        var status = Utf8.FromUtf16(
            text, room[sizeof(ushort)..], out _, out var written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done || written == 0)
            RefuseText(index is null ? field : $"mutations[{index}].{field}", text, limit, status);
        BinaryPrimitives.WriteUInt16LittleEndian(room, (ushort)written);
        _bytes.Shrink(limit - written);
        return written;
    }

    // Text that is not valid UTF-16 has no UTF-8: the replacement character would make two keys one.
    [DoesNotReturn]
    private static void RefuseText(string field, string? text, int limit, OperationStatus status) =>
        throw (status == OperationStatus.InvalidData
            ? new InvalidCommitException(field, "is not valid Unicode (a lone surrogate)")
            : new InvalidCommitException(field, "bytes of UTF-8", 1, limit, Encoding.UTF8.GetByteCount(text ?? "")));
}
