namespace Aether.Persistence.Snapshots;

/// <summary>Which snapshot is the newest.</summary>
internal static class SnapshotOrder
{
    /// <summary>
    /// By epoch, then by sequence: a world without a log that came back from an older snapshot counts its commits
    /// anew, and what an earlier writer had stored beyond that point is no longer its past.
    /// </summary>
    public static List<SnapshotManifest> NewestFirst(IEnumerable<SnapshotManifest> manifests) =>
        [.. manifests.OrderByDescending(manifest => manifest.Epoch).ThenByDescending(manifest => manifest.Sequence)];
}
