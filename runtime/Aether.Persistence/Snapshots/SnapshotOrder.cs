namespace Aether.Persistence.Snapshots;

/// <summary>Orders snapshots, newest first.</summary>
internal static class SnapshotOrder
{
    /// <summary>
    /// By epoch, then by sequence. A world without a log that was recovered from an older snapshot reuses sequences,
    /// and snapshots of an earlier writer beyond that point are no longer part of its past.
    /// </summary>
    public static List<SnapshotManifest> NewestFirst(IEnumerable<SnapshotManifest> manifests) =>
        [.. manifests.OrderByDescending(manifest => manifest.Epoch).ThenByDescending(manifest => manifest.Sequence)];
}
