using Aether.Persistence.Codec;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// Opens the log on a volume: checks that its segments belong to the world and follow each other, repairs the last
/// segment, and makes sure that everything is on the disk.
/// </summary>
internal static class LogOpening
{
    /// <exception cref="WalCorruptException">The log is damaged; nothing was changed.</exception>
    public static StoredLog Open(
        IFileSystem volume, string worldId, long segmentBytes, long maxBytes = long.MaxValue)
    {
        var world = WorldHash.Of(worldId);
        volume.CreateFolder(WriteAheadLog.Folder);
        var files = new SegmentFiles(volume, world, segmentBytes);
        files.Open();
        string[] paths =
        [
            .. volume.List(WriteAheadLog.Folder)
                .Where(name => name.EndsWith(Segment.Extension, StringComparison.Ordinal))
                .Select(name => $"{WriteAheadLog.Folder}/{name}"),
        ];

        var segments = new List<Segment>();
        LogEnd? end = null;
        foreach (var path in paths.SkipLast(1))
        {
            var (segment, last) = ReadSealed(volume, world, path, end);
            segments.Add(segment);
            end = last;
        }

        var tornBytes = 0L;
        if (paths is [.., var lastPath])
        {
            var repaired = LastSegmentRepair.Repair(volume, world, lastPath, end);
            segments.Add(repaired.Segment);
            end = repaired.End ?? end;
            tornBytes = repaired.TornBytes;
        }

        // A writer that was killed between two calls may have left names and blocks that are only in the page cache.
        volume.SyncFolder(WriteAheadLog.Folder);
        volume.SyncFolder("");
        return new StoredLog(volume, new LogSegments(volume, world, segments), files, maxBytes, end, tornBytes);
    }

    /// <summary>Reads the header of a segment, which must follow <paramref name="before"/>.</summary>
    /// <exception cref="WalCorruptException">
    /// The segment is damaged or another world's, or commits are missing before it.
    /// </exception>
    public static SegmentHeader ReadHeader(SegmentScanner scanner, UInt128 world, string path, LogEnd? before)
    {
        var header = scanner.ReadHeader(world);
        return before is not { } end || end.CanPrecede(header)
            ? header
            : throw new WalCorruptException(
                path, 0, $"it begins with commit {header.First}, but the segment before it ends with {end.Last}.");
    }

    // The footer of a sealed segment says what the segment holds, so its blocks are not read before the replay.
    private static (Segment Segment, LogEnd End) ReadSealed(
        IFileSystem volume, UInt128 world, string path, LogEnd? before)
    {
        using var file = volume.Open(path);
        var scanner = new SegmentScanner(file, path);
        var header = ReadHeader(scanner, world, path, before);
        var footer = scanner.ReadFooter()
            ?? throw new WalCorruptException(
                path, file.Length - SegmentFooter.Size, "its footer is missing, but more segments follow.");
        return (new Segment(path, header.First, file.Length, footer), footer.Last);
    }
}
