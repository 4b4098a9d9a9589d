namespace Aether.DevCluster.Nodes;

/// <summary>A program in place of a container image.</summary>
/// <param name="Entrypoint">What runs when the container names no command.</param>
/// <param name="Environment">Variables the image brings; the container's own win.</param>
internal sealed record Image(IReadOnlyList<string> Entrypoint, IReadOnlyDictionary<string, string>? Environment = null);
