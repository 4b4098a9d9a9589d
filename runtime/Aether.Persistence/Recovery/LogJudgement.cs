namespace Aether.Persistence.Recovery;

/// <summary>How the log on the volume relates to the world in its journal.</summary>
internal abstract record LogJudgement
{
    private LogJudgement()
    {
    }

    /// <summary>The log holds no commit.</summary>
    public sealed record Empty : LogJudgement;

    /// <summary>
    /// The world continues with the log: it reaches the end of the journal and may go further, or there is no journal.
    /// </summary>
    public sealed record Continues : LogJudgement;

    /// <summary>
    /// The world contains the whole log and has continued without it, so the log is no longer needed.
    /// </summary>
    public sealed record Behind : LogJudgement;

    /// <summary>
    /// The log's tail is not part of the world: another writer continued from a commit before the log's end.
    /// </summary>
    /// <param name="Tail">The commits that are not part of the world.</param>
    /// <param name="OvertakenUnder">The epoch of that writer.</param>
    public sealed record Diverged(DivergedTail Tail, Epoch OvertakenUnder) : LogJudgement;
}
