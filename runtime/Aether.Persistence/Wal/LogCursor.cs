using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>Reads the synced blocks of a log that hold a commit after a given one, in order.</summary>
/// <param name="volume">Where the segments are.</param>
/// <param name="world">Whose they must be.</param>
/// <param name="after">The commit after which to begin.</param>
/// <param name="segment">The segment to begin with; null: there is none.</param>
/// <param name="following">The segment behind one, if there is one by then.</param>
internal sealed class LogCursor(
    IFileSystem volume, UInt128 world, Sequence after, Segment? segment, Func<Segment, Segment?> following)
    : IDisposable
{
    private IFile? _file;
    private SegmentScanner? _scanner;
    private long _offset;
    private LogEnd _end;

    /// <summary>Reads the next block, whose bytes are good until the next call; false at the end of the log.</summary>
    /// <exception cref="WalCorruptException">A block that was synced is not there, or damaged.</exception>
    public bool TryRead(out BlockHeader header, out uint checksum, out ReadOnlySpan<byte> encoded)
    {
        Segment? next = null;
        while (segment is not null)
        {
            if (_scanner is null)
                Open(segment);
            while (_offset < (_scanner!.Limit = segment.End))
            {
                if (_scanner.Read(_offset, _end, out header, out encoded, out _end) != ScanStep.Block)
                    throw new WalCorruptException(
                        segment.Path, _offset, "a block that was synced is not there any more.");
                _offset += encoded.Length;
                checksum = _end.Checksum!.Value;
                if (header.Last > after)
                    return true;
            }

            // Looked at once more behind that: a segment gets blocks until the next one is there.
            if (next is null && (next = following(segment)) is not null)
                continue;
            Close();
            (segment, next) = (next, null);
        }

        header = default;
        checksum = default;
        encoded = default;
        return false;
    }

    public void Dispose() => Close();

    private void Open(Segment opened)
    {
        _file = volume.Open(opened.Path);
        _scanner = new SegmentScanner(_file, opened.Path);
        var header = _scanner.ReadHeader(world);
        (var first, _offset) = opened.Find(after.Next);
        _end = new LogEnd(
            new Sequence(first.Value - 1), Epoch.None, _offset == SegmentHeader.Size ? header.Previous : null);
    }

    private void Close()
    {
        _file?.Dispose();
        (_file, _scanner) = (null, null);
    }
}
