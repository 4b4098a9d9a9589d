using System.Diagnostics;

namespace Aether.Persistence.Wal;

/// <summary>
/// The log of a running writer: one thread at a time, the flushing thread, appends blocks to the newest segment and
/// syncs them. Other threads may meanwhile read synced blocks and drop segments. It is created from a
/// <see cref="StoredLog"/>.
/// </summary>
internal sealed partial class WriteAheadLog : IDisposable
{
    /// <summary>Folder of the segments.</summary>
    public const string Folder = "wal";

    private readonly LogSegments _segments;
    private readonly SegmentFiles _files;
    private readonly long _maxBytes;
    private WritableSegment _active;  // only for the thread that appends

    private WriteAheadLog(
        LogSegments segments,
        SegmentFiles files,
        long maxBytes,
        WritableSegment active,
        LogEnd end,
        string? shortage)
    {
        _segments = segments;
        _files = files;
        _maxBytes = maxBytes;
        _active = active;
        End = end;
        NoteShortage(shortage);
    }

    /// <summary>The first commit that the log holds or will hold.</summary>
    public Sequence First => _segments.First;

    /// <summary>End of the log; only for the thread that appends.</summary>
    public LogEnd End { get; private set; }

    /// <summary>Number and bytes of the segments, without the spare.</summary>
    public (int Segments, long Bytes) Usage => _segments.Usage;

    /// <summary>Duration of the last sync of a block; only for the thread that appends.</summary>
    public TimeSpan LastSync { get; private set; }

    /// <summary>Starts a new segment for a writer whose commits follow <paramref name="end"/>.</summary>
    /// <param name="segments">The segments of the log.</param>
    /// <param name="files">Creates the files of segments.</param>
    /// <param name="maxBytes">Most bytes of the log on the volume.</param>
    /// <param name="epoch">Epoch of the writer.</param>
    /// <param name="end">The end of the log.</param>
    /// <param name="shortage">Why the volume has no room for another segment, if known.</param>
    /// <exception cref="WalFailedException">The segment may or may not exist.</exception>
    public static WriteAheadLog Begin(
        LogSegments segments, SegmentFiles files, long maxBytes, Epoch epoch, LogEnd end, string? shortage = null)
    {
        var (segment, newShortage) = Create(files, epoch, end, bytes: 0);
        segments.Add(segment.Segment);
        return new WriteAheadLog(segments, files, maxBytes, segment, end, newShortage ?? shortage);
    }

    /// <summary>Continues in the newest segment, because there is no room for another.</summary>
    /// <inheritdoc cref="Begin" />
    public static WriteAheadLog Resume(
        LogSegments segments, SegmentFiles files, long maxBytes, LogEnd end, string shortage)
    {
        var newest = segments.Newest;
        WritableSegment? active = null;
        WalFailedException.Guard("open", newest.Path, () => active = files.Reopen(newest));
        files.RequestSpare();
        return new WriteAheadLog(segments, files, maxBytes, active!, end, shortage);
    }

    /// <summary>
    /// Writes the next block, which becomes part of the log once it is synced. After a failure the log must not be
    /// used.
    /// </summary>
    /// <exception cref="WalFailedException">The block may or may not be on the disk.</exception>
    public void Write(LogBlock block)
    {
        if (!_active.HasRoomFor(block))
            BeginSegmentFor(block);
        try
        {
            _active.Write(block);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WalFailedException("write", _active.Segment.Path, exception);
        }
    }

    /// <summary>Syncs the block that was written last. After a failure the log must not be used.</summary>
    /// <exception cref="WalFailedException">The block may or may not be on the disk.</exception>
    public void Sync(LogBlock block, uint checksum)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            _active.Sync();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WalFailedException("sync", _active.Segment.Path, exception);
        }

        LastSync = Stopwatch.GetElapsedTime(started);
        _active.Segment.Add(block);
        Measure();
        End = new LogEnd(block.Last, block.Epoch, checksum);
    }

    /// <summary>The synced blocks with a commit after <paramref name="after"/>, in order.</summary>
    public IEnumerable<LogBlock> ReadAfter(Sequence after) => _segments.ReadAfter(after);

    /// <summary>
    /// Drops the segments that hold no commit after <paramref name="sequence"/>, except the present one. This takes a
    /// while, but the writer's thread can append meanwhile.
    /// </summary>
    /// <exception cref="WalFailedException">A segment may or may not still exist.</exception>
    public void DropThrough(Sequence sequence)
    {
        while (_segments.TryTakeObsolete(sequence, out var obsolete))
        {
            Measure();

            // Stop at a failure: if a later segment were dropped while this one still exists, the log would have a gap.
            WalFailedException.Guard("drop", obsolete.Path, () => _files.Recycle(obsolete));
            Measure();
        }
    }

    public void Dispose()
    {
        _active.Dispose();
        _files.Dispose();
    }

    private void BeginSegmentFor(LogBlock block)
    {
        var full = _active;
        WalFailedException.Guard("seal", full.Segment.Path, () => full.Seal(End));
        full.Dispose();
        (_active, var shortage) = Create(
            _files, block.Epoch, End, SegmentHeader.Size + block.Encoded.Length + SegmentFooter.Size);
        _segments.Add(_active.Segment);
        lock (_measuring)
            NoteShortage(shortage ?? _shortage);
    }

    // Record the shortage now, not when the preparer's thread fails to create the spare: until then callers would admit
    // more commits than fit.
    private static (WritableSegment Segment, string? Shortage) Create(
        SegmentFiles files, Epoch epoch, LogEnd end, long bytes)
    {
        (WritableSegment Segment, string? Shortage) created = default;
        WalFailedException.Guard(
            "create",
            Segment.PathOf(end.Last.Next),
            () => created = (files.Make(epoch, end, bytes), files.WhyNoSpare()));
        return created;
    }
}
