using System.Diagnostics.CodeAnalysis;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// The segments of a log, oldest first. Thread-safe: the writer's thread adds segments while readers and the retention
/// read and remove them.
/// </summary>
internal sealed class LogSegments(IFileSystem volume, UInt128 world, IEnumerable<Segment> segments)
{
    private readonly Lock _gate = new();
    private readonly List<Segment> _segments = [.. segments];  // _gate

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _segments.Count == 0;
        }
    }

    /// <summary>The first commit of the log, or <see cref="Sequence.None"/>.</summary>
    public Sequence First
    {
        get
        {
            lock (_gate)
                return _segments is [var oldest, ..] ? oldest.First : Sequence.None;
        }
    }

    public Segment Newest
    {
        get
        {
            lock (_gate)
                return _segments[^1];
        }
    }

    /// <summary>Number and bytes of the segments.</summary>
    public (int Count, long Bytes) Usage
    {
        get
        {
            lock (_gate)
            {
                var bytes = 0L;
                foreach (var segment in _segments)
                    bytes += segment.Length;
                return (_segments.Count, bytes);
            }
        }
    }

    /// <summary>Adds a new segment, which the writer uses from now on.</summary>
    public void Add(Segment segment)
    {
        lock (_gate)
        {
            // An earlier writer may have left a segment of the same name that holds no block.
            if (_segments is [.., var former] && former.First == segment.First)
                _segments.RemoveAt(_segments.Count - 1);
            _segments.Add(segment);
        }
    }

    /// <summary>
    /// Removes the oldest segment from the list if it holds no commit after <paramref name="sequence"/> and is not also
    /// the newest.
    /// </summary>
    public bool TryTakeObsolete(Sequence sequence, [NotNullWhen(true)] out Segment? oldest)
    {
        lock (_gate)
        {
            oldest = _segments.Count > 1 && _segments[1].First <= sequence.Next ? _segments[0] : null;
            if (oldest is not null)
                _segments.RemoveAt(0);
            return oldest is not null;
        }
    }

    /// <summary>Removes all segments from the list; returns them, oldest first.</summary>
    public IReadOnlyList<Segment> TakeAll()
    {
        lock (_gate)
        {
            Segment[] all = [.. _segments];
            _segments.Clear();
            return all;
        }
    }

    /// <summary>The synced blocks with a commit after <paramref name="after"/>, in order.</summary>
    public IEnumerable<LogBlock> ReadAfter(Sequence after)
    {
        using var cursor = OpenCursor(after);
        while (cursor.TryRead(out var header, out _, out var encoded))
            yield return BlockCodec.ToBlock(header, encoded.ToArray());
    }

    /// <summary>As <see cref="ReadAfter"/>, without an object for each block.</summary>
    public LogCursor OpenCursor(Sequence after) => new(volume, world, after, SegmentAt(after.Next), SegmentFollowing);

    private Segment? SegmentAt(Sequence sequence)
    {
        lock (_gate)
            return _segments.FindLast(segment => segment.First <= sequence) ?? _segments.FirstOrDefault();
    }

    private Segment? SegmentFollowing(Segment segment)
    {
        lock (_gate)
            return _segments.Find(other => other.First > segment.First);
    }
}
