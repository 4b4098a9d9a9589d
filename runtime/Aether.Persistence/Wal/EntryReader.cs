using Aether.Persistence.Codec;
using Aether.Persistence.State;

namespace Aether.Persistence.Wal;

/// <summary>
/// Reads the commits of a block whose checksums were verified, in order. Copies nothing: the entries say where in the
/// block their bytes are.
/// </summary>
/// <exception cref="InvalidDataException">
/// Thrown by every member if the block does not hold what its header says: a defect of its writer.
/// </exception>
internal ref struct EntryReader
{
    private readonly ReadOnlySpan<byte> _source;
    private readonly List<StateChange> _changes;
    private ByteReader _reader;
    private ulong _left;

    /// <param name="source">Bytes that end with the block.</param>
    /// <param name="start">Where the block begins in these bytes.</param>
    /// <param name="header">Its header.</param>
    /// <param name="changes">Receives the changes of all commits.</param>
    public EntryReader(ReadOnlySpan<byte> source, int start, BlockHeader header, List<StateChange> changes)
    {
        _source = source;
        _changes = changes;
        _reader = new ByteReader(source[..^1], start + BlockHeader.Size);
        _left = header.Last.Value - header.First.Value + 1;
    }

    /// <summary>Reads the next commit and adds its changes to the list; false at the end.</summary>
    public bool TryRead(out WalEntry entry)
    {
        if (_left == 0)
        {
            entry = default;
            return _reader.Remaining == 0
                ? false
                : throw new InvalidDataException($"{_reader.Remaining} bytes are left after the last commit.");
        }

        _left--;
        var committedAt = LogTime.FromMicroseconds(_reader.Int64());
        var key = _reader.Text();
        var keyStart = _reader.Position - key.Length;
        var contentHash = key.Length > 0 ? _reader.UInt128() : default;
        var count = _reader.UInt16();
        for (var i = 0; i < count; i++)
            _changes.Add(ReadChange());
        entry = new WalEntry(
            committedAt, keyStart, key.Length, key.Length > 0 ? EncodedKey.Hash(key) : 0, contentHash, count);
        return true;
    }

    private StateChange ReadChange()
    {
        var mark = _reader.Byte();
        var start = _reader.Position;
        _ = _reader.Text();
        _ = _reader.Text();
        var keyLength = _reader.Position - start;
        return mark switch
        {
            WalEntry.PutMark => StateChange.Put(_source, start, keyLength, _reader.Bytes().Length),
            WalEntry.DeleteMark => StateChange.Remove(_source, start, keyLength),
            _ => throw new InvalidDataException($"{mark} is not a kind of change."),
        };
    }
}
