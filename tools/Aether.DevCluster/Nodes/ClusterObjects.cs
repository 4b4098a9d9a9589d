using Aether.DevCluster.Api;
using k8s;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>Objects that pods refer to: Secrets, ConfigMaps and claims, kept up to date by watches.</summary>
internal sealed class ClusterObjects(IKubernetes client, TimeProvider clock) : IAsyncDisposable
{
    public ObjectCache<V1Secret, V1SecretList> Secrets { get; } = new(
        token => client.CoreV1.ListSecretForAllNamespacesAsync(cancellationToken: token),
        (version, failed, token) => client.CoreV1.WatchListSecretForAllNamespacesAsync(
            resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
        clock);

    public ObjectCache<V1ConfigMap, V1ConfigMapList> ConfigMaps { get; } = new(
        token => client.CoreV1.ListConfigMapForAllNamespacesAsync(cancellationToken: token),
        (version, failed, token) => client.CoreV1.WatchListConfigMapForAllNamespacesAsync(
            resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
        clock);

    public ObjectCache<V1PersistentVolumeClaim, V1PersistentVolumeClaimList> Claims { get; } = new(
        token => client.CoreV1.ListPersistentVolumeClaimForAllNamespacesAsync(cancellationToken: token),
        (version, failed, token) => client.CoreV1.WatchListPersistentVolumeClaimForAllNamespacesAsync(
            resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
        clock);

    /// <summary>Completes when any of them changes. Read it before inspecting the objects.</summary>
    public Task NextChange => Task.WhenAny(Secrets.NextChange, ConfigMaps.NextChange, Claims.NextChange);

    /// <summary>Starts the watches; existing objects are known when the task completes.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Secrets.StartAsync(cancellationToken),
        ConfigMaps.StartAsync(cancellationToken),
        Claims.StartAsync(cancellationToken));

    /// <summary>Keys and values of a Secret; null if it does not exist.</summary>
    public IDictionary<string, byte[]>? FindSecret(string @namespace, string name) =>
        Secrets.TryGet(@namespace, name, out var secret) ? secret.Data ?? new Dictionary<string, byte[]>() : null;

    /// <summary>Keys and values of a ConfigMap; null if it does not exist.</summary>
    public IDictionary<string, byte[]>? FindConfigMap(string @namespace, string name)
    {
        if (!ConfigMaps.TryGet(@namespace, name, out var map))
            return null;
        var data = new Dictionary<string, byte[]>(map.BinaryData ?? new Dictionary<string, byte[]>());
        foreach (var (key, value) in map.Data ?? new Dictionary<string, string>())
            data[key] = System.Text.Encoding.UTF8.GetBytes(value);
        return data;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Secrets.DisposeAsync();
        await ConfigMaps.DisposeAsync();
        await Claims.DisposeAsync();
    }
}
