using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>The output of the <c>snapshot</c> commands.</summary>
internal sealed record SnapshotListing(string Volume, string World, IReadOnlyList<SnapshotReport> Snapshots);
