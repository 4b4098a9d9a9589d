using System.Runtime.InteropServices;
using Aether.Persistence.Codec;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Blocks that follow each other, checked by themselves, decoded and hashed: all the work of a replay that needs no
/// state. Used again and again.
/// </summary>
internal sealed class BlockBatch
{
    private const int TargetBytes = 256 << 10;
    private const int InitialBytes = 4 << 10;

    private readonly List<DecodedBlock> _blocks = [];
    private readonly List<WalEntry> _entries = [];
    private readonly List<StateChange> _changes = [];
    private ByteWriter _bytes = new(InitialBytes);

    public ReadOnlySpan<DecodedBlock> Blocks => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>The commits of all blocks.</summary>
    public ReadOnlySpan<WalEntry> Entries => CollectionsMarshal.AsSpan(_entries);

    /// <summary>The changes of all commits.</summary>
    public ReadOnlySpan<StateChange> Changes => CollectionsMarshal.AsSpan(_changes);

    /// <summary>The bytes that entries and changes refer to.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    public bool IsEmpty => _blocks.Count == 0;

    public bool IsFull => _bytes.Length >= TargetBytes;

    /// <summary>Adds a block of a store, whose checksums are looked at here.</summary>
    /// <exception cref="RecoveryException">It is damaged.</exception>
    public void Add(LogBlock block, string source)
    {
        var encoded = block.Encoded.Span;
        if (!BlockHeader.TryRead(encoded, out var header, out var checksum)
            || !BlockCodec.HasSoundBody(header, encoded))
            throw new RecoveryException(
                $"The block from commit {block.First} on in the {source} does not match its checksum. "
                + "Restore it from a backup.");
        Add(header, checksum, encoded, source);
    }

    /// <summary>Adds a block that passed its checksums.</summary>
    /// <exception cref="RecoveryException">It does not hold what its header says; it was not added.</exception>
    public void Add(BlockHeader header, uint checksum, ReadOnlySpan<byte> encoded, string source)
    {
        var block = new DecodedBlock(header, checksum, _entries.Count, _changes.Count);
        var start = _bytes.Length;
        _bytes.Raw(encoded);
        try
        {
            var reader = new EntryReader(Bytes, start, header, _changes);
            while (reader.TryRead(out var entry))
                _entries.Add(entry);
        }
        catch (InvalidDataException exception)
        {
            throw new RecoveryException(
                $"The block from commit {header.First} on in the {source} cannot be read: {exception.Message}",
                exception);
        }

        _blocks.Add(block);
    }

    public void Clear()
    {
        _blocks.Clear();
        _entries.Clear();
        _changes.Clear();
        if (_bytes.Capacity > 4 * TargetBytes)
            _bytes = new ByteWriter(InitialBytes);
        _bytes.Clear();
    }
}
