using System.Diagnostics;

namespace Aether.Persistence.Wal;

/// <summary>
/// The log of a running writer: blocks are appended to its newest segment and synced one at a time. One thread appends;
/// others may read what is synced and drop what is obsolete meanwhile. A <see cref="StoredLog"/> becomes one.
/// </summary>
internal sealed partial class WriteAheadLog : IDisposable
{
    /// <summary>Folder of the segments.</summary>
    public const string Folder = "wal";

    private readonly LogSegments _segments;
    private readonly SegmentFiles _files;
    private readonly long _maxBytes;
    private WritableSegment _active;  // the writer's

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

    /// <summary>The first commit it holds or will hold.</summary>
    public Sequence First => _segments.First;

    /// <summary>Where it ends; for the thread that appends.</summary>
    public LogEnd End { get; private set; }

    /// <summary>Its segments, without the spare, and their bytes.</summary>
    public (int Segments, long Bytes) Usage => _segments.Usage;

    /// <summary>How long the last sync of a block took; for the thread that appends.</summary>
    public TimeSpan LastSync { get; private set; }

    /// <summary>Begins a new segment for a writer whose commits follow <paramref name="end"/>.</summary>
    /// <param name="segments">What the log holds.</param>
    /// <param name="files">Makes the files of segments.</param>
    /// <param name="maxBytes">Most bytes of the log on the volume.</param>
    /// <param name="epoch">Of the writer.</param>
    /// <param name="end">Where the log ends.</param>
    /// <param name="shortage">Why the volume has no room for another segment, if that is known.</param>
    /// <exception cref="WalFailedException">The segment may or may not be there.</exception>
    public static WriteAheadLog Begin(
        LogSegments segments, SegmentFiles files, long maxBytes, Epoch epoch, LogEnd end, string? shortage = null)
    {
        var (segment, newShortage) = Create(files, epoch, end, bytes: 0);
        segments.Add(segment.Segment);
        return new WriteAheadLog(segments, files, maxBytes, segment, end, newShortage ?? shortage);
    }

    /// <summary>Goes on in the newest segment, for want of room for another one.</summary>
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
    /// Writes the next block, which is part of the log once it is synced. After a failure the log must not be used any
    /// more.
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

    /// <summary>Syncs the block that was written last. After a failure the log must not be used any more.</summary>
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
    /// Drops the segments that hold nothing after <paramref name="sequence"/>, except the one in use. Takes a while,
    /// beside which blocks can be appended.
    /// </summary>
    /// <exception cref="WalFailedException">A segment may or may not be there still.</exception>
    public void DropThrough(Sequence sequence)
    {
        while (_segments.TryTakeObsolete(sequence, out var obsolete))
        {
            Measure();

            // Final, as any: the segments after it must not go while it may still be there, and make a gap.
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

    // The shortage is noted now, not when the spare is made in the background: until then more commits could be taken
    // than there is room for.
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
