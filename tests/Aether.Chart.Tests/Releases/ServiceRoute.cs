using System.Net;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using k8s;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>
/// Points a Service to a ready pod of the operator, as kube-proxy would. No network leads to a cluster address here, so
/// the Service becomes an alias of that pod's address. Its port must be that of the pod.
/// </summary>
internal sealed class ServiceRoute : IAsyncDisposable
{
    private const string Path = $"/api/v1/namespaces/{Tools.HelmChart.Namespace}/services/aether-operator-webhook";

    private readonly Kubernetes _client;
    private readonly ObjectCache<V1Pod, V1PodList> _pods;
    private readonly ObjectCache<V1Service, V1ServiceList> _services;
    private readonly WatchLoop<V1Service, V1ServiceList> _loop;

    public ServiceRoute(Kubernetes client, ObjectCache<V1Pod, V1PodList> pods)
    {
        _client = client;
        _pods = pods;
        _services = new ObjectCache<V1Service, V1ServiceList>(
            token => client.CoreV1.ListServiceForAllNamespacesAsync(cancellationToken: token),
            (version, failed, token) => client.CoreV1.WatchListServiceForAllNamespacesAsync(
                resourceVersion: version, allowWatchBookmarks: true, onError: failed, cancellationToken: token),
            TimeProvider.System);
        _loop = new WatchLoop<V1Service, V1ServiceList>(_services, pods, RoundAsync);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _loop.StartAsync(cancellationToken);

    /// <summary>Waits until the Service leads to a pod that is ready and not being deleted.</summary>
    public Task SettledAsync() => _services.UntilAsync(
        services => services.FirstOrDefault(service => IsRouted(service) && Ready().Any(
            pod => pod.Status.PodIP == service.Spec.ExternalName)),
        "the webhook's Service to lead to a ready operator", Waiting.Step, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        var service = _services.Items.FirstOrDefault(item => item.Metadata.Name == "aether-operator-webhook");
        var ready = Ready().Select(pod => pod.Status.PodIP).Order(StringComparer.Ordinal).ToList();
        if (service is not null && ready.Count > 0 && !ready.Contains(service.Spec.ExternalName))
            await PointAsync(ready[0], cancellationToken);
    }

    private async Task PointAsync(string address, CancellationToken cancellationToken)
    {
        var spec = new JsonObject { ["type"] = "ExternalName", ["externalName"] = address };
        try
        {
            await _client.MergeAsync(Path, new JsonObject { ["spec"] = spec }, cancellationToken);
        }
        catch (ApiException gone) when (gone.Status == HttpStatusCode.NotFound)
        {
            // The release was uninstalled meanwhile.
        }
    }

    private static bool IsRouted(V1Service service) =>
        service.Metadata.Name == "aether-operator-webhook" && service.Spec.ExternalName is not null;

    private IEnumerable<V1Pod> Ready() => _pods.Items.Where(pod =>
        pod.Metadata.DeletionTimestamp is null && pod.Has("Ready")
        && pod.Metadata.Labels is { } labels && labels.TryGetValue("app.kubernetes.io/name", out var name)
        && name == "aether-operator");
}
