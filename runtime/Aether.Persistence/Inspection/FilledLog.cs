using Aether.Persistence.Commits;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// A log whose only faults are commits that were in no block. Each missing commit is replaced by a commit that changes
/// nothing, and everything acknowledged after it stays. Blocks after a gap then name other checksums and are otherwise
/// unchanged.
/// </summary>
internal sealed class FilledLog
{
    // A key that no world uses, because the format has no commit without a mutation.
    private static readonly StateKey Filler = new("aether.repair", "gap");

    private readonly IFileSystem _volume;
    private readonly IReadOnlyList<LogRun> _runs;

    private FilledLog(IFileSystem volume, IReadOnlyList<LogRun> runs, LogPiece head)
    {
        _volume = volume;
        _runs = runs;
        Head = head;
    }

    /// <summary>The blocks of the segment that contains or precedes the first gap: this segment is rewritten.</summary>
    public LogPiece Head { get; }

    /// <summary>The commits of the log.</summary>
    public CommitRange Commits => new(_runs[0].First, _runs[^1].End.Last);

    /// <summary>Fills the log of a survey; null if the log has no gap, or other damage as well.</summary>
    public static FilledLog? Of(IFileSystem volume, LogSurvey survey)
    {
        var gaps = survey.Gaps.Count;
        var isFillable = gaps > 0 && survey.Damages.Count == gaps && survey.Runs.Count == gaps + 1;
        return isFillable && survey.FirstRun!.Pieces.FindLast(piece => !piece.IsEmpty) is { } head
            ? new FilledLog(volume, survey.Runs, head)
            : null;
    }

    /// <summary>All of its blocks.</summary>
    public IEnumerable<LogBlock> Read() => Fill(_runs[0]);

    /// <summary>Its blocks from <see cref="Head"/> on.</summary>
    public IEnumerable<LogBlock> ReadFromHead() => Fill(new LogRun(Head));

    private IEnumerable<LogBlock> Fill(LogRun beforeGap)
    {
        LogBlock? last = null;
        foreach (var (block, _, _) in beforeGap.Read(_volume))
        {
            last = block;
            yield return block;
        }

        var end = _runs[0].End;
        foreach (var run in _runs.Skip(1))
        {
            while (end.Last.Next < run.First)
            {
                (last, end) = FillerAfter(last!, end);
                yield return last;
            }

            foreach (var (block, _, _) in run.Read(_volume))
            {
                (last, end) = Chain(block, end);
                yield return last;
            }
        }
    }

    private static (LogBlock Block, LogEnd End) FillerAfter(LogBlock last, LogEnd end)
    {
        var sequence = end.Last.Next;
        var draft = CommitDraft.Of(new Commit([Mutation.Delete(Filler)]));
        draft.Stamp(last.WrittenAt);
        var pending = new PendingBlock();
        pending.Begin(sequence);
        pending.Add(draft.Encoded, sequence, last.WrittenAt);
        pending.Seal(last.Digest);
        var (block, checksum) = pending.Close(end.Epoch, end.Checksum ?? LogEnd.NoChecksum);
        return (block with { Encoded = block.Encoded.ToArray() }, new LogEnd(sequence, end.Epoch, checksum));
    }

    private static (LogBlock Block, LogEnd End) Chain(LogBlock block, LogEnd end)
    {
        var bytes = block.Encoded.ToArray();
        _ = BlockHeader.TryRead(bytes, out var header, out var checksum);
        if (header.Previous != LogEnd.NoChecksum)
        {
            header = header with { Previous = end.Checksum ?? LogEnd.NoChecksum };
            checksum = header.Write(bytes);
        }

        return (BlockCodec.ToBlock(header, bytes), LogEnd.After(header, checksum));
    }
}
