using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>What <c>diverged ls</c> says.</summary>
internal sealed record DivergedListing(string Volume, string World, IReadOnlyList<DivergedReport> Diverged);
