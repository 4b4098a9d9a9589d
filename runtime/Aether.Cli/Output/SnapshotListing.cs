using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>What the <c>snapshot</c> commands say.</summary>
internal sealed record SnapshotListing(string Volume, string World, IReadOnlyList<SnapshotReport> Snapshots);
