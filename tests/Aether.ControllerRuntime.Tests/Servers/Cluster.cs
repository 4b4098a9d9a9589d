using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using Aether.TestServers;
using k8s;
using k8s.Models;

[assembly: AssemblyFixture(typeof(Cluster))]

namespace Aether.ControllerRuntime.Tests.Servers;

/// <summary>An API server on its own etcd, shared by the tests; each test creates its own namespace.</summary>
public sealed class Cluster : IAsyncLifetime
{
    private readonly EtcdServer _etcd = new();
    private readonly ApiServer _api;
    private int _namespaces;

    public Cluster()
    {
        _api = new ApiServer(_etcd);
    }

    public async ValueTask InitializeAsync()
    {
        if (TestServer.AreOff)
            return;
        await _etcd.StartAsync(CancellationToken.None);
        await _api.StartAsync(CancellationToken.None);
        using var admin = Connect();
        await admin.CreateCustomResourceDefinitionAsync(WidgetDefinition.Build());
        while (!IsEstablished(await admin.ReadCustomResourceDefinitionAsync("widgets.test.dev")))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    public KubernetesClientConfiguration Admin() =>
        KubernetesClientConfiguration.BuildConfigFromConfigFile(_api.AdminKubeconfig);

    public Kubernetes Connect() => new(Admin());

    public async Task<string> NewNamespaceAsync()
    {
        using var admin = Connect();
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await admin.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } });
        return name;
    }

    /// <summary>An object client that belongs to no host.</summary>
    internal ObjectClient Objects(string name = "test") => new(
        new ApiTransport(Connect(), TimeProvider.System),
        new OwnWrites(),
        new OperatorSettings { Name = name });

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _etcd.DisposeAsync();
    }

    private static bool IsEstablished(V1CustomResourceDefinition definition) =>
        definition.Status?.Conditions?.Any(c => c.Type == "Established" && c.Status == "True") ?? false;
}
