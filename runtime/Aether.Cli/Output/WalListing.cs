using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>The output of <c>wal ls</c>.</summary>
internal sealed record WalListing(string Volume, string World, string Folder, IReadOnlyList<SegmentReport> Segments);
