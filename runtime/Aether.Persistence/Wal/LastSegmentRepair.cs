using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// Reads the last segment of a log from end to end, because a crash may have left it unfinished: cuts off a torn block,
/// makes sure that the other blocks are on the disk, and seals the segment.
/// </summary>
/// <remarks>
/// The blocks that were read may be in the page cache only. After a failed fsync they may even be clean pages, which a
/// sync does not write again. Rewriting the last block makes it dirty, so that the following sync proves that the disk
/// works.
/// </remarks>
internal static class LastSegmentRepair
{
    /// <summary>Repairs the segment, which must follow <paramref name="before"/>.</summary>
    /// <exception cref="WalCorruptException">The segment is damaged; nothing was changed.</exception>
    public static RepairedSegment Repair(IFileSystem volume, UInt128 world, string path, LogEnd? before)
    {
        using var file = volume.Open(path);
        var scanner = new SegmentScanner(file, path);
        var header = LogOpening.ReadHeader(scanner, world, path, before);
        var segment = new Segment(path, header.First, file.Length);
        var (end, last) = Scan(
            scanner,
            segment,
            before ?? new LogEnd(new Sequence(header.First.Value - 1), header.Epoch, header.Previous));
        var hasTornFooter = CheckFooter(scanner, segment, end);

        if (scanner.TornBytes > 0)
            Cut(file, segment.End, scanner.TornBytes);
        if (last is null)
            file.Sync();
        else
            WriteAgain(file, segment, last, end);
        return new RepairedSegment(
            segment,
            last is null ? null : end,
            scanner.TornBytes + (hasTornFooter ? SegmentFooter.Size : 0));
    }

    private static (LogEnd End, LogBlock? Last) Scan(SegmentScanner scanner, Segment segment, LogEnd end)
    {
        LogBlock? last = null;
        while (scanner.Read(segment.End, end, out var block, out end) == ScanStep.Block)
            segment.Add(last = block!);
        return (end, last);
    }

    // Blocks that were lost and are zeros now look like the end of the log, but a footer from before the loss still
    // counts them. Returns whether the footer is torn, which makes it meaningless.
    private static bool CheckFooter(SegmentScanner scanner, Segment segment, LogEnd end)
    {
        if (scanner.HasTornFooter())
            return true;
        if (scanner.ReadFooter() is { } footer && footer.Last.Last != end.Last)
            throw new WalCorruptException(
                segment.Path,
                segment.End,
                $"the log ends here with commit {end.Last}, but its footer says {footer.Last.Last}.");
        return false;
    }

    // Erase the header last, after the rest is zeroed and synced: a crash in between then leaves a torn block, not a
    // damaged one.
    private static void Cut(IFile file, long offset, long bytes)
    {
        var header = Math.Min(bytes, BlockHeader.Size);
        file.Write(offset + header, new byte[bytes - header]);
        file.Sync();
        file.Write(offset, new byte[header]);
    }

    private static void WriteAgain(IFile file, Segment segment, LogBlock last, LogEnd end)
    {
        file.Write(segment.End - last.Encoded.Length, last.Encoded.Span);

        // Sync before writing the footer, which must never name a block that the disk does not hold.
        file.Sync();
        WritableSegment.WriteFooter(file, segment, end);
    }
}
