namespace Aether.Persistence.Runtime;

/// <summary>
/// Acknowledged commits that are lost when the process ends: a world without a log stopped before a snapshot held them.
/// </summary>
/// <param name="First">The first lost commit.</param>
/// <param name="Last">The last lost commit.</param>
/// <param name="Reason">Why the last snapshot could not be stored.</param>
public sealed record LostCommits(Sequence First, Sequence Last, string Reason)
{
    /// <summary>The loss in one sentence.</summary>
    public override string ToString() =>
        $"Commits {First} to {Last} are lost: the world keeps no log, and its last snapshot was not stored: {Reason}";
}
