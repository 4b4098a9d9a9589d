using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Carries out a repair in such an order that a crash never leaves a log that looks sound and is not.
/// </summary>
internal sealed class LogRewriter(IFileSystem volume, UInt128 world)
{
    private const int CopyBytes = 1 << 20;

    /// <summary>The pieces of a run whose files cannot stay unchanged.</summary>
    public static IEnumerable<LogPiece> Rewritten(LogRun? run) =>
        run?.Pieces.Where(piece => !piece.IsWhole && !piece.IsEmpty) ?? [];

    public static string TargetOf(LogPiece piece) =>
        Segment.PathOf(piece.Before.Last.Next);

    public void Carry(IReadOnlyList<RepairStep> steps, LogRun? run)
    {
        var quarantine = MakeQuarantine(steps);
        var rewritten = Rewritten(run).ToList();
        foreach (var piece in rewritten)
            Write(
                TargetOf(piece), piece.Before, piece.To - piece.From,
                new LogRun(piece).Read(volume).Select(found => found.Block));
        Swap(steps, quarantine, rewritten.Select(TargetOf).ToHashSet(), FarthestFirst(steps, run));
    }

    /// <summary>
    /// Writes everything from the log's first gap on into the segment of that gap. Agents refuse the log until the last
    /// of the old segments after it is gone.
    /// </summary>
    public void Carry(IReadOnlyList<RepairStep> steps, FilledLog filled)
    {
        var quarantine = MakeQuarantine(steps);
        var target = TargetOf(filled.Head);
        var bytes = filled.ReadFromHead().Sum(block => (long)block.Encoded.Length);
        Write(target, filled.Head.Before, bytes, filled.ReadFromHead());
        Swap(steps, quarantine, [target], steps.Reverse());
    }

    private void Swap(
        IReadOnlyList<RepairStep> steps, string quarantine, HashSet<string> targets, IEnumerable<RepairStep> inOrder)
    {
        foreach (var step in steps.Where(step => targets.Contains(step.File)))
            Copy(step.File, step.Quarantine);
        volume.SyncFolder(quarantine);
        foreach (var target in targets)
            volume.Rename(target + FileSystemExtensions.TemporaryExtension, target);
        volume.SyncFolder(WriteAheadLog.Folder);

        foreach (var step in inOrder.Where(step => !targets.Contains(step.File)))
        {
            volume.Rename(step.File, step.Quarantine);
            volume.SyncFolder(quarantine);
            volume.SyncFolder(WriteAheadLog.Folder);
        }
    }

    // Starts with the files farthest from the run, so that an interrupted repair never leaves a shorter log without a
    // gap.
    private static IEnumerable<RepairStep> FarthestFirst(IReadOnlyList<RepairStep> steps, LogRun? run)
    {
        var files = run?.Pieces.ConvertAll(piece => piece.File) ?? [];
        var behind = files.Count == 0
            ? steps
            : [.. steps.Where(step => string.CompareOrdinal(step.File, files[^1]) > 0)];
        return behind.Reverse().Concat(steps.Except(behind));
    }

    private string MakeQuarantine(IReadOnlyList<RepairStep> steps)
    {
        var folder = steps[0].Quarantine[..steps[0].Quarantine.LastIndexOf('/')];
        volume.CreateFolder(folder);
        volume.SyncFolder("");
        volume.SyncFolder(folder[..folder.LastIndexOf('/')]);
        return folder;
    }

    // Writes beside the segment that the new file will replace.
    private void Write(string target, LogEnd before, long bytes, IEnumerable<LogBlock> blocks)
    {
        var path = target + FileSystemExtensions.TemporaryExtension;
        volume.Delete(path);
        using var file = volume.Create(path);
        var segment = new Segment(path, before.Last.Next, SegmentHeader.Size + bytes + SegmentFooter.Size);
        var end = before;
        foreach (var block in blocks)
        {
            _ = BlockHeader.TryRead(block.Encoded.Span, out var header, out var checksum);
            if (segment.IsEmpty)
                file.Write(0, HeaderFor(header));
            file.Write(segment.End, block.Encoded.Span);
            segment.Add(block);
            end = LogEnd.After(header, checksum);
        }

        var footer = new byte[SegmentFooter.Size];
        segment.ToFooter(end).Write(footer);
        file.Write(segment.FooterOffset, footer);
        file.Sync();
    }

    private byte[] HeaderFor(BlockHeader block)
    {
        var header = new byte[SegmentHeader.Size];
        new SegmentHeader { Previous = block.Previous, World = world, Epoch = block.Epoch, First = block.First }
            .Write(header);
        return header;
    }

    private void Copy(string from, string to)
    {
        volume.Delete(to);
        using var source = volume.Open(from);
        using var target = volume.Create(to);
        var buffer = new byte[CopyBytes];
        int read;
        for (long offset = 0; (read = source.Read(offset, buffer)) > 0; offset += read)
            target.Write(offset, buffer.AsSpan(0, read));
        target.Sync();
    }
}
