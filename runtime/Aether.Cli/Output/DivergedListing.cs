using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>The output of <c>diverged ls</c>.</summary>
internal sealed record DivergedListing(string Volume, string World, IReadOnlyList<DivergedReport> Diverged);
