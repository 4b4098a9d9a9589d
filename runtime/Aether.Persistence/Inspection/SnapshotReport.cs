using Aether.Persistence.Snapshots;

namespace Aether.Persistence.Inspection;

/// <summary>A snapshot on a volume.</summary>
/// <param name="File">Its path on the volume.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Manifest">What its footer says.</param>
/// <param name="Damage">Why recovery could not use it; null: nothing was found.</param>
public sealed record SnapshotReport(string File, long Bytes, SnapshotManifest Manifest, string? Damage);
