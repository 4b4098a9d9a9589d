namespace Aether.Persistence.Recovery;

/// <summary>How the log on the volume relates to the world as its journal has it.</summary>
internal abstract record LogJudgement
{
    private LogJudgement()
    {
    }

    /// <summary>There is no commit in it.</summary>
    public sealed record Empty : LogJudgement;

    /// <summary>
    /// The world goes on with it: it leads to the journal's end and may lead beyond, or there is no journal.
    /// </summary>
    public sealed record Continues : LogJudgement;

    /// <summary>All of it is in the world, which went on without it: it is no longer needed.</summary>
    public sealed record Behind : LogJudgement;

    /// <summary>Its tail is no part of the world: another writer went on from a commit before the log's end.</summary>
    /// <param name="Tail">The commits that are not.</param>
    /// <param name="OvertakenUnder">The epoch of that writer.</param>
    public sealed record Diverged(DivergedTail Tail, Epoch OvertakenUnder) : LogJudgement;
}
