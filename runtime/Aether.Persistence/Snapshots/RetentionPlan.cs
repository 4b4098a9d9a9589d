namespace Aether.Persistence.Snapshots;

/// <summary>Which part of a world's past is kept.</summary>
/// <param name="Kept">The snapshots that recovery may count on, newest first.</param>
/// <param name="Surplus">The snapshots to delete.</param>
/// <param name="Floor">
/// The last commit that the journal, or the log of a world without a journal, need not hold any more. It is not after
/// the oldest kept snapshot, so that recovery can fall back on that one.
/// </param>
internal sealed record RetentionPlan(
    IReadOnlyList<SnapshotManifest> Kept, IReadOnlyList<SnapshotManifest> Surplus, Sequence Floor);
