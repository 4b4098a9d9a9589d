using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <content>How much more the log may take, by its own limit and by the room on the volume (ADR 0035).</content>
internal sealed partial class WriteAheadLog
{
    // Enough for the block headers of a full queue.
    private const long HeadersBytes = 64 << 10;

    private readonly Lock _measuring = new();
    private volatile string? _shortage;  // written under _measuring, read without a lock
    private long _bytes;  // written under _measuring
    private long _room;  // written under _measuring

    /// <summary>
    /// Bytes of blocks that fit into the present segment and into those that may be created besides the spare. May be
    /// read without a lock.
    /// </summary>
    public long Room => Volatile.Read(ref _room);

    /// <summary>
    /// Whether segments should be dropped: the log has half of its maximum size, or the volume has no more room.
    /// </summary>
    public bool IsLarge => Volatile.Read(ref _bytes) > _maxBytes / 2 || (_shortage is not null && !_files.HasSpare);

    /// <summary>Why the volume had no room for another segment at the last attempt; null if it had room.</summary>
    public string? Shortage => _shortage;

    /// <summary>
    /// Waits until the spare has been used since the last call; the first call returns at once if there was no spare.
    /// </summary>
    public Task WaitForNeedOfSpareAsync(CancellationToken cancellationToken) =>
        _files.Needed.WaitAsync(cancellationToken);

    /// <summary>
    /// Creates the file of the next segment ahead. Runs on the preparer's thread, while the writer's thread appends.
    /// </summary>
    /// <exception cref="IOException">The file could not be created; nothing is lost.</exception>
    public void PrepareSpare()
    {
        try
        {
            if (_files.PrepareSpare())
                NoteShortage(null);
        }
        catch (IOException exception) when (DiskError.IsFull(exception))
        {
            NoteShortage(exception.Message);
            throw;
        }
    }

    private void NoteShortage(string? reason)
    {
        lock (_measuring)
        {
            _shortage = reason;
            Measure();
        }
    }

    // One segment besides the spare is held in reserve: a commit is admitted before its block exists, and may end up in
    // a block that does not fit where the commit alone would have fitted. Recursive use of _measuring is intended.
    private void Measure()
    {
        lock (_measuring)
        {
            var bytes = _segments.Usage.Bytes;
            var active = _segments.Newest;
            var left = active.FooterOffset - active.End - BlockHeader.Size - 1;
            var more = _maxBytes - bytes - (2 * _files.SegmentBytes);
            var room = Math.Max(0, left) + Math.Max(0, more);
            Volatile.Write(ref _bytes, bytes);
            Volatile.Write(ref _room, _shortage is null ? room : Math.Min(room, MeasureFull(left)));
        }
    }

    // A full volume has the present segment and the spare, and no room for a third. The queued commits may become
    // several blocks, whose headers the commits do not count.
    private long MeasureFull(long left)
    {
        var segmentBytes = _files.SegmentBytes;
        var spare = _files.HasSpare
            ? segmentBytes - SegmentHeader.Size - SegmentFooter.Size - BlockHeader.Size - 1
            : 0;
        return Math.Max(0, Math.Max(left, spare) - Math.Min(HeadersBytes, segmentBytes / 4));
    }
}
