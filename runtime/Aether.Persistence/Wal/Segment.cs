namespace Aether.Persistence.Wal;

/// <summary>
/// One file of the log, and an index of its blocks. The writer's thread adds blocks while others read <see cref="End"/>
/// and search the index.
/// </summary>
internal sealed class Segment
{
    public const string Extension = ".wal";

    private readonly Lock _gate = new();
    private readonly List<BlockPosition> _index = [];  // _gate
    private readonly long _stride;
    private ulong _blocks;
    private DateTimeOffset _firstWrittenAt;
    private DateTimeOffset _lastWrittenAt;
    private long _end = SegmentHeader.Size;

    /// <summary>A segment without blocks.</summary>
    /// <param name="path">Its path on the volume.</param>
    /// <param name="first">The first commit that it holds or will hold.</param>
    /// <param name="length">Bytes of the file.</param>
    public Segment(string path, Sequence first, long length)
    {
        Path = path;
        First = first;
        Length = length;
        _stride = (length / SegmentFooter.MaxEntries) + 1;
    }

    /// <summary>A sealed segment, described by its footer.</summary>
    public Segment(string path, Sequence first, long length, SegmentFooter footer)
        : this(path, first, length)
    {
        _index.AddRange(footer.Index);
        _blocks = footer.Blocks;
        _firstWrittenAt = footer.FirstWrittenAt;
        _lastWrittenAt = footer.LastWrittenAt;
        _end = footer.End;
    }

    public string Path { get; }

    public Sequence First { get; }

    public long Length { get; }

    /// <summary>Offset of its footer, and so an upper bound for the end of its blocks.</summary>
    public long FooterOffset => Length - SegmentFooter.Size;

    /// <summary>End of its synced blocks.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Whether it holds no block.</summary>
    public bool IsEmpty => End == SegmentHeader.Size;

    /// <summary>Name of the segment; names sort like the segments, because a u64 has at most 20 digits.</summary>
    public static string NameOf(Sequence first) => first.Value.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>Path of the segment that begins with <paramref name="first"/>.</summary>
    public static string PathOf(Sequence first) => $"{WriteAheadLog.Folder}/{NameOf(first)}{Extension}";

    /// <summary>Adds the next block, which is synced. For the writer's thread.</summary>
    public void Add(LogBlock block)
    {
        lock (_gate)
        {
            if (_index.Count == 0 || _end >= _index[^1].Offset + _stride)
                _index.Add(new BlockPosition(block.First, _end));
        }

        if (_blocks++ == 0)
            _firstWrittenAt = block.WrittenAt;
        _lastWrittenAt = block.WrittenAt;
        Volatile.Write(ref _end, _end + block.Encoded.Length);
    }

    /// <summary>The last indexed block that begins at or before <paramref name="sequence"/>.</summary>
    public BlockPosition Find(Sequence sequence)
    {
        lock (_gate)
        {
            var found = _index.FindLast(position => position.First <= sequence);
            return found.Offset > 0 ? found : new BlockPosition(First, SegmentHeader.Size);
        }
    }

    /// <summary>The footer for the present blocks; <paramref name="last"/> is their end.</summary>
    public SegmentFooter ToFooter(LogEnd last)
    {
        lock (_gate)
            return new SegmentFooter
            {
                Blocks = _blocks,
                Last = last,
                End = _end,
                FirstWrittenAt = _firstWrittenAt,
                LastWrittenAt = _lastWrittenAt,
                Index = [.. _index],
            };
    }
}
