using Aether.DevCluster.Api;
using k8s;
using k8s.Models;

namespace Aether.EndToEnd.Tests;

/// <summary>Time limits of the tests. A wait ends with the event, not with the time.</summary>
internal static class Waiting
{
    /// <summary>For one step of one component: a container starts, a condition changes.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the pod is as <paramref name="holds"/> requires.</summary>
    public static Task<V1Pod> PodAsync(
        this ObjectCache<V1Pod, V1PodList> pods,
        string @namespace,
        string name,
        Func<V1Pod, bool> holds,
        string what) =>
        pods.UntilAsync(
            items => items.FirstOrDefault(pod =>
                pod.Metadata.NamespaceProperty == @namespace && pod.Metadata.Name == name && holds(pod)),
            $"pod {@namespace}/{name} {what}",
            Step,
            TestContext.Current.CancellationToken);

    /// <summary>Waits until the object no longer exists.</summary>
    public static Task GoneAsync<T, TList>(this ObjectCache<T, TList> objects, string @namespace, string name)
        where T : IKubernetesObject<V1ObjectMeta>
        where TList : IItems<T>, IMetadata<V1ListMeta> =>
        objects.UntilAsync(
            _ => objects.TryGet(@namespace, name, out var _) ? null : "gone",
            $"{@namespace}/{name} to be gone",
            Step,
            TestContext.Current.CancellationToken);

    /// <summary>Whether a condition of the pod is True.</summary>
    public static bool Has(this V1Pod pod, string condition) =>
        pod.Status?.Conditions?.Any(item => item.Type == condition && item.Status == "True") == true;

    /// <summary>The status of a container, main or init; null before it has one.</summary>
    public static V1ContainerStatus? Container(this V1Pod pod, string name) =>
        (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? [])
        .FirstOrDefault(status => status.Name == name);
}
