using System.Text.Json;
using k8s;
using k8s.Models;

namespace Aether.DevCluster.Api;

/// <summary>Creates the caches that a development cluster and its tests need.</summary>
internal static class Caches
{
    /// <summary>All objects of a custom resource.</summary>
    public static ObjectCache<CustomObject, CustomObjectList> OfCustom(
        Kubernetes client, string group, string version, string plural, TimeProvider clock) => new(
        token => client.CustomObjects.ListClusterCustomObjectAsync<CustomObjectList>(
            group, version, plural, cancellationToken: token),
        (resourceVersion, failed, token) => client.CustomObjects.WatchListClusterCustomObjectAsync(
            group, version, plural, resourceVersion: resourceVersion, allowWatchBookmarks: true, onError: failed,
            cancellationToken: token).Select(change => (change.Item1, Decode(change.Item2))),
        clock);

    /// <summary>All events.</summary>
    public static ObjectCache<Corev1Event, Corev1EventList> OfEvents(Kubernetes client, TimeProvider clock) => new(
        token => client.CoreV1.ListEventForAllNamespacesAsync(cancellationToken: token),
        (version, failed, token) => client.CoreV1.WatchListEventForAllNamespacesAsync(
            resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
        clock);

    /// <summary>All custom resource definitions.</summary>
    public static ObjectCache<V1CustomResourceDefinition, V1CustomResourceDefinitionList> OfDefinitions(
        Kubernetes client, TimeProvider clock) => new(
        token => client.ApiextensionsV1.ListCustomResourceDefinitionAsync(cancellationToken: token),
        (version, failed, token) => client.ApiextensionsV1.WatchListCustomResourceDefinitionAsync(
            resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
        clock);

    private static CustomObject Decode(object item) =>
        KubernetesJson.Deserialize<CustomObject>(((JsonElement)item).GetRawText());
}
