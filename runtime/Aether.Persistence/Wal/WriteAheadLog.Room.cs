using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <content>How much more it may take, by its limit and by the volume's (ADR 0035).</content>
internal sealed partial class WriteAheadLog
{
    // Enough for the headers of a full queue's blocks.
    private const long HeadersBytes = 64 << 10;

    private readonly Lock _measuring = new();
    private volatile string? _shortage;  // written under _measuring
    private long _bytes;  // written under _measuring
    private long _room;  // written under _measuring

    /// <summary>
    /// Bytes of blocks there is room for, in the segment in use and in those that may still be made beside the spare.
    /// </summary>
    public long Room => Volatile.Read(ref _room);

    /// <summary>Whether segments should go: it holds half of what it may, or the volume has no more room.</summary>
    public bool IsLarge => Volatile.Read(ref _bytes) > _maxBytes / 2 || (_shortage is not null && !_files.HasSpare);

    /// <summary>Why the volume had no room for another segment when one was last asked of it; null if it had.</summary>
    public string? Shortage => _shortage;

    /// <summary>Waits until the spare segment was taken since the last call, or there was none at the first.</summary>
    public Task WaitForNeedOfSpareAsync(CancellationToken cancellationToken) =>
        _files.Needed.WaitAsync(cancellationToken);

    /// <summary>Makes the file of the next segment ahead, beside whatever else is going on.</summary>
    /// <exception cref="IOException">It could not be made; nothing is lost by that.</exception>
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

    // Besides the spare one segment is held back, for what a commit cannot know: that its block will not fit where it
    // would have fitted itself.
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

    // On a full volume there is the segment in use and the spare, and no third one. What is queued may become several
    // blocks, each with a header that its commits do not count.
    private long MeasureFull(long left)
    {
        var segmentBytes = _files.SegmentBytes;
        var spare = _files.HasSpare
            ? segmentBytes - SegmentHeader.Size - SegmentFooter.Size - BlockHeader.Size - 1
            : 0;
        return Math.Max(0, Math.Max(left, spare) - Math.Min(HeadersBytes, segmentBytes / 4));
    }
}
