using Aether.Persistence.Snapshots;

namespace Aether.Persistence.Inspection;

/// <summary>A snapshot on a volume.</summary>
/// <param name="File">The contents of its footer.</param>
/// <param name="Bytes">Why recovery could not use it; null if no damage was found.</param>
/// <param name="Manifest">What its footer says.</param>
/// <param name="Damage">Why recovery could not use it; null: nothing was found.</param>
public sealed record SnapshotReport(string File, long Bytes, SnapshotManifest Manifest, string? Damage);
