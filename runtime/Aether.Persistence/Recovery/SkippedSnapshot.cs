using Aether.Persistence.Snapshots;

namespace Aether.Persistence.Recovery;

/// <summary>A snapshot that a recovery could not use.</summary>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record SkippedSnapshot(SnapshotManifest Manifest, string Reason)
{
    public override string ToString() => $"commit {Manifest.Sequence} under epoch {Manifest.Epoch}: {Reason}";
}
