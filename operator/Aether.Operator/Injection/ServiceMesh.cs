using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Decides the agent's place among the init containers of a pod in a service mesh. It comes after the mesh's own
/// containers: the agent needs the network while it recovers, and at the end, when sidecars stop in reverse order,
/// until it has shipped the last commits.
/// </summary>
internal static class ServiceMesh
{
    /// <summary>Annotation of a pod: further init containers before the agent, separated by commas.</summary>
    public const string AfterContainersAnnotation = AetherNames.Group + "/after-containers";

    private static readonly HashSet<string> Containers =
    [
        "istio-init", "istio-validation", "istio-proxy",
        "linkerd-init", "linkerd-network-validator", "linkerd-proxy",
    ];

    private static readonly HashSet<string> Proxies = ["istio-proxy", "linkerd-proxy"];

    /// <summary>Whether a container belongs to a mesh, and so gets no access to the world.</summary>
    public static bool Owns(string container) => Containers.Contains(container);

    /// <summary>
    /// The mesh's proxy if it is an ordinary container, and so starts after the agent; otherwise null.
    /// </summary>
    public static string? OrdinaryProxy(IEnumerable<string> containers) => containers.FirstOrDefault(Proxies.Contains);

    /// <summary>The pod's annotation; null if it has none.</summary>
    public static string? AnnotationOf(V1Pod pod) =>
        pod.Metadata?.Annotations?.TryGetValue(AfterContainersAnnotation, out var names) == true ? names : null;

    /// <summary>Names in the annotation.</summary>
    public static IReadOnlyList<string> Named(string? annotation) => annotation?.Split(
        ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>
    /// The index at which to insert the agent among the init containers. If the proxy is an ordinary container, the
    /// agent comes before the mesh's init containers, which would redirect its traffic to a proxy that is not running
    /// yet.
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
