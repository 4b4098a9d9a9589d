using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// Reads, in order, the synced blocks of a log with a commit after a given one. For one thread; the writer may append
/// and drop segments meanwhile.
/// </summary>
/// <param name="volume">The volume of the segments.</param>
/// <param name="world">The world of the segments.</param>
/// <param name="after">The commit after which to start.</param>
/// <param name="segment">The segment to start with; null if there is none.</param>
/// <param name="following">Returns the segment after the given one, if there is one by then.</param>
internal sealed class LogCursor(
    IFileSystem volume, UInt128 world, Sequence after, Segment? segment, Func<Segment, Segment?> following)
    : IDisposable
{
    private IFile? _file;
    private SegmentScanner? _scanner;
    private long _offset;
    private LogEnd _end;

    /// <summary>Reads the next block, whose bytes are valid until the next call; false at the end of the log.</summary>
    /// <exception cref="WalCorruptException">A synced block is missing or damaged.</exception>
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
                        segment.Path, _offset, "a synced block is missing.");
                _offset += encoded.Length;
                checksum = _end.Checksum!.Value;
                if (header.Last > after)
                    return true;
            }

            // The writer may have added blocks to this segment between the last read of its end and the creation of the
            // next segment. So read its end once more: only a segment that has a successor is final.
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
