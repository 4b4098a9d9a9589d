namespace Aether.DevCluster.Nodes;

/// <summary>A program in place of a container image.</summary>
/// <param name="Entrypoint">The program that runs if the container names no command.</param>
/// <param name="Environment">Variables of the image; the container's own take precedence.</param>
internal sealed record Image(IReadOnlyList<string> Entrypoint, IReadOnlyDictionary<string, string>? Environment = null);
