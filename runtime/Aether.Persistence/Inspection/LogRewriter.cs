using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Carries out a repair, in an order in which a crash never leaves a log that passes for a sound one.
/// </summary>
internal sealed class LogRewriter(IFileSystem volume, UInt128 world)
{
    private const int CopyBytes = 1 << 20;

    /// <summary>The pieces of a run that cannot stay as they are.</summary>
    public static IEnumerable<LogPiece> Rewritten(LogRun? run) =>
        run?.Pieces.Where(piece => !piece.IsWhole && !piece.IsEmpty) ?? [];

    public static string TargetOf(LogPiece piece) =>
        $"{WriteAheadLog.Folder}/{Segment.NameOf(piece.Before.Last.Next)}{Segment.Extension}";

    public void Carry(IReadOnlyList<RepairStep> steps, LogRun? run)
    {
        var quarantine = steps[0].Quarantine[..steps[0].Quarantine.LastIndexOf('/')];
        MakeFolder(quarantine);
        var rewritten = Rewritten(run).ToList();
        foreach (var piece in rewritten)
            Rewrite(piece, TargetOf(piece) + Segment.TemporaryExtension);

        var targets = rewritten.Select(TargetOf).ToHashSet();
        foreach (var step in steps.Where(step => targets.Contains(step.File)))
            Copy(step.File, step.Quarantine);
        volume.SyncFolder(quarantine);
        foreach (var target in targets)
            volume.Rename(target + Segment.TemporaryExtension, target);
        volume.SyncFolder(WriteAheadLog.Folder);

        foreach (var step in FarthestFirst(steps, run).Where(step => !targets.Contains(step.File)))
        {
            volume.Rename(step.File, step.Quarantine);
            volume.SyncFolder(quarantine);
            volume.SyncFolder(WriteAheadLog.Folder);
        }
    }

    // So that what is left in between is never a shorter log without a gap.
    private static IEnumerable<RepairStep> FarthestFirst(IReadOnlyList<RepairStep> steps, LogRun? run)
    {
        var files = run?.Pieces.ConvertAll(piece => piece.File) ?? [];
        var behind = files.Count == 0
            ? steps
            : [.. steps.Where(step => string.CompareOrdinal(step.File, files[^1]) > 0)];
        return behind.Reverse().Concat(steps.Except(behind));
    }

    private void MakeFolder(string folder)
    {
        volume.CreateFolder(folder);
        volume.SyncFolder("");
        volume.SyncFolder(folder[..folder.LastIndexOf('/')]);
    }

    private void Rewrite(LogPiece piece, string path)
    {
        volume.Delete(path);
        using var source = volume.Open(piece.File);
        using var target = volume.Create(path);
        var length = SegmentHeader.Size + piece.To - piece.From + SegmentFooter.Size;
        var segment = new Segment(path, piece.Before.Last.Next, length);
        var scanner = new SegmentScanner(source, piece.File);
        var end = piece.Before;
        for (var offset = piece.From; offset < piece.To;)
        {
            if (scanner.Read(offset, end, out var block, out end) != ScanStep.Block)
                throw new WalCorruptException(piece.File, offset, "the block was there a moment ago.");
            if (segment.IsEmpty)
                target.Write(0, HeaderFor(block!));
            target.Write(segment.End, block!.Encoded.Span);
            offset += block.Encoded.Length;
            segment.Add(block);
        }

        var footer = new byte[SegmentFooter.Size];
        segment.ToFooter(end).Write(footer);
        target.Write(segment.FooterOffset, footer);
        target.Sync();
    }

    private byte[] HeaderFor(LogBlock first)
    {
        _ = BlockHeader.TryRead(first.Encoded.Span, out var block, out _);
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
