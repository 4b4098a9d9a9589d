using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <content>How much more it may take, by its limit and by the volume's (ADR 0035).</content>
internal sealed partial class WriteAheadLog
{
    // Enough for the headers of a full queue's blocks.
    private const long HeadersBytes = 64 << 10;

    private volatile string? _shortage;

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

    // Blocks carry their own epoch, so a segment may hold those of two writers. Its footer goes first, for good: after
    // a crash it would say that the log ends before what is written now.
    private void Resume(LogEnd end)
    {
        var segment = _segments[^1];
        Attempt("open", segment.Path, () =>
        {
            _active = _volume.Open(segment.Path);
            _active.Write(segment.FooterOffset, new byte[SegmentFooter.Size]);
            _active.Sync();
        });
        lock (_segments)
        {
            _inUse = segment;
            Measure();
        }

        End = end;
        _files.RequestSpare();
    }

    private void NoteShortage(string? reason)
    {
        lock (_segments)
        {
            _shortage = reason;
            if (_segments.Count > 0)
                Measure();
        }
    }

    // Under the lock of the segments. Besides the spare one segment is held back, for what a commit cannot know: that
    // its block will not fit where it would have fitted itself.
    private void Measure()
    {
        _bytes = 0;
        foreach (var segment in _segments)
            _bytes += segment.Length;
        var active = _segments[^1];
        var left = active.FooterOffset - active.End - BlockHeader.Size - 1;
        var more = _maxBytes - _bytes - (2 * _segmentBytes);
        var room = Math.Max(0, left) + Math.Max(0, more);
        Volatile.Write(ref _room, _shortage is null ? room : Math.Min(room, MeasureFull(left)));
    }

    // On a full volume there is the segment in use and the spare, and no third one. What is queued may become several
    // blocks, each with a header that its commits do not count.
    private long MeasureFull(long left)
    {
        var spare = _files.HasSpare
            ? _segmentBytes - SegmentHeader.Size - SegmentFooter.Size - BlockHeader.Size - 1
            : 0;
        return Math.Max(0, Math.Max(left, spare) - Math.Min(HeadersBytes, _segmentBytes / 4));
    }
}
