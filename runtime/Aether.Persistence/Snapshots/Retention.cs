namespace Aether.Persistence.Snapshots;

/// <summary>How much of the log the snapshots make dispensable.</summary>
internal static class Retention
{
    /// <summary>The snapshots that recovery may count on: the newest ones that were not found damaged.</summary>
    public static List<SnapshotManifest> Kept(
        IReadOnlyList<SnapshotManifest> newestFirst, IReadOnlyList<SnapshotManifest> damaged, int maxSnapshots) =>
        [.. newestFirst.Where(manifest => !damaged.Contains(manifest)).Take(maxSnapshots)];

    /// <summary>The snapshots that are older than all kept, once as many are kept as should be.</summary>
    public static IEnumerable<SnapshotManifest> Surplus(
        IReadOnlyList<SnapshotManifest> newestFirst, List<SnapshotManifest> kept, int maxSnapshots) =>
        kept.Count < maxSnapshots ? [] : newestFirst.SkipWhile(manifest => manifest != kept[^1]).Skip(1);

    /// <summary>
    /// The last commit that neither journal nor, without one, log must hold any more: the one of the oldest snapshot
    /// kept, so that recovery can fall back to it. While there is only one, nothing may depend on it alone.
    /// </summary>
    public static Sequence Floor(IReadOnlyList<SnapshotManifest> kept, int maxSnapshots) =>
        kept.Count >= Math.Min(2, maxSnapshots) ? kept.Min(manifest => manifest.Sequence) : Sequence.None;

    /// <summary>
    /// The last commit that the volume must not hold any more. With a journal: what is both in it and in the newest
    /// snapshot. Without one the log is all there is to fall back with.
    /// </summary>
    public static Sequence LogFloor(Sequence floor, Sequence newest, bool hasJournal, Sequence replicated) =>
        !hasJournal ? floor : newest < replicated ? newest : replicated;
}
