using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Where the agent stands among the init containers of a pod in a service mesh. Behind the mesh's own: the agent needs
/// the network while it recovers, and at the end, when sidecars stop in reverse order, until it has shipped the last.
/// </summary>
internal static class ServiceMesh
{
    /// <summary>Annotation of a pod: further init containers that the agent comes after, separated by commas.</summary>
    public const string AfterContainersAnnotation = AetherNames.Group + "/after-containers";

    private static readonly HashSet<string> Containers =
    [
        "istio-init", "istio-validation", "istio-proxy",
        "linkerd-init", "linkerd-network-validator", "linkerd-proxy",
    ];

    private static readonly HashSet<string> Proxies = ["istio-proxy", "linkerd-proxy"];

    /// <summary>Whether a container is a mesh's, and so does not know the world.</summary>
    public static bool Owns(string container) => Containers.Contains(container);

    /// <summary>The mesh's proxy that is an ordinary container, so starts after the agent; null if none is.</summary>
    public static string? OrdinaryProxy(IEnumerable<string> containers) => containers.FirstOrDefault(Proxies.Contains);

    /// <summary>The pod's annotation; null if it has none.</summary>
    public static string? AnnotationOf(V1Pod pod) =>
        pod.Metadata?.Annotations?.TryGetValue(AfterContainersAnnotation, out var names) == true ? names : null;

    /// <summary>Names in the annotation.</summary>
    public static IReadOnlyList<string> Named(string? annotation) => annotation?.Split(
        ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>
    /// The agent's index among the init containers, of which it is none yet. Where the proxy is an ordinary container,
    /// the mesh's init containers redirect to what does not run while the agent recovers: it comes before them then.
    /// </summary>
    public static int IndexOfAgent(
        IReadOnlyList<string> initContainers, IEnumerable<string> containers, string? annotation)
    {
        var named = Named(annotation).ToHashSet();
        var hasOrdinaryProxy = OrdinaryProxy(containers) is not null;
        for (var index = initContainers.Count - 1; index >= 0; index--)
        {
            if (named.Contains(initContainers[index]) || (!hasOrdinaryProxy && Owns(initContainers[index])))
                return index + 1;
        }

        return 0;
    }
}
