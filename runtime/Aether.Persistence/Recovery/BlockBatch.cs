using System.Runtime.InteropServices;
using Aether.Persistence.Codec;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Consecutive blocks whose checksums were verified, decoded and hashed: all the work of a replay that needs no state.
/// The object is reused for later batches.
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

    /// <summary>The bytes to which entries and changes refer.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    public bool IsEmpty => _blocks.Count == 0;

    public bool IsFull => _bytes.Length >= TargetBytes;

    /// <summary>Adds a block from a store, after verifying its checksums.</summary>
    /// <exception cref="RecoveryException">The block is damaged.</exception>
    public void Add(LogBlock block, string source)
    {
        var encoded = block.Encoded.Span;
        if (!BlockHeader.TryRead(encoded, out var header, out var checksum)
            || !BlockCodec.HasSoundBody(header, encoded))
            throw new RecoveryException(
                $"The block in the {source} that begins with commit {block.First} does not match its checksum. "
                + "Restore it from a backup.");
        Add(header, checksum, encoded, source);
    }

    /// <summary>Adds a block whose checksums were verified.</summary>
    /// <exception cref="RecoveryException">The block does not hold what its header says; it was not added.</exception>
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
                $"The block in the {source} that begins with commit {header.First} cannot be read: {exception.Message}",
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
