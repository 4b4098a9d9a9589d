using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>A segment whose file is open for writing. Only the writer's thread uses it.</summary>
internal sealed class WritableSegment(Segment segment, IFile file) : IDisposable
{
    private const int PageBytes = 4096;
    private static readonly byte[] ZeroPage = new byte[PageBytes];

    private long _cachedTo = segment.End;  // end of the last page that is in the page cache

    public Segment Segment { get; } = segment;

    public bool HasRoomFor(LogBlock block) => Segment.End + block.Encoded.Length <= Segment.FooterOffset;

    /// <summary>Writes the next block, which becomes part of the segment only once it is synced and added.</summary>
    public void Write(LogBlock block)
    {
        CachePageOf(Segment.End + block.Encoded.Length - 1);
        file.WriteUncached(Segment.End, block.Encoded.Span);
    }

    public void Sync() => file.Sync();

    /// <summary>Writes the footer and syncs it; <paramref name="end"/> is the end of the blocks.</summary>
    public void Seal(LogEnd end) => WriteFooter(file, Segment, end);

    /// <summary>Erases the footer and syncs that, so that blocks can be added again.</summary>
    public void Unseal()
    {
        file.Write(Segment.FooterOffset, new byte[SegmentFooter.Size]);
        file.Sync();
    }

    public void Dispose() => file.Dispose();

    /// <summary>Writes the footer of a segment and syncs it.</summary>
    public static void WriteFooter(IFile file, Segment segment, LogEnd end)
    {
        Span<byte> footer = stackalloc byte[SegmentFooter.Size];
        segment.ToFooter(end).Write(footer);
        file.Write(segment.FooterOffset, footer);
        file.Sync();
    }

    // The zeros were written past the page cache. To write a part of a page that the cache lacks, the kernel would
    // first read the page from the disk, while commits wait. So write the whole page first: behind the log's end it is
    // zero.
    private void CachePageOf(long lastByte)
    {
        var page = lastByte & -PageBytes;
        if (page < _cachedTo)
            return;
        _cachedTo = page + PageBytes;
        file.Write(page, ZeroPage.AsSpan(0, (int)Math.Min(PageBytes, Segment.FooterOffset - page)));
    }
}
