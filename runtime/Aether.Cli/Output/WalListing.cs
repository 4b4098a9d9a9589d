using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>What <c>wal ls</c> says.</summary>
internal sealed record WalListing(string Volume, string World, string Folder, IReadOnlyList<SegmentReport> Segments);
