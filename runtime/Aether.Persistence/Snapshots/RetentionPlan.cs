namespace Aether.Persistence.Snapshots;

/// <summary>What of a world's past is kept.</summary>
/// <param name="Kept">The snapshots that recovery may count on, newest first.</param>
/// <param name="Surplus">The ones to be deleted.</param>
/// <param name="Floor">
/// The last commit that neither journal nor, without one, log must hold any more: none before the oldest snapshot kept,
/// so that recovery can fall back to it.
/// </param>
internal sealed record RetentionPlan(
    IReadOnlyList<SnapshotManifest> Kept, IReadOnlyList<SnapshotManifest> Surplus, Sequence Floor);
