using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.TestServers;
using k8s;
using k8s.Models;

namespace Aether.Chart.Tests.Rendering;

/// <summary>An API server with the CRDs and the namespaces that rendered objects refer to, and nothing else.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private static readonly TimeSpan EstablishTimeout = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new("dryrun");
    private readonly EtcdServer _etcd = new();
    private readonly ApiServer _server;
    public ApiFixture()
    {
        _server = new ApiServer(_etcd);
    }

    /// <summary>kubectl for the administrator.</summary>
    internal Tool Kubectl { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _etcd.StartAsync(CancellationToken.None);
        await _server.StartAsync(CancellationToken.None);
        Kubectl = new Tool(
            await Tool.FindKubectlAsync(), _folder,
            new Dictionary<string, string> { ["KUBECONFIG"] = _server.AdminKubeconfig });
        using var client = new Kubernetes(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.AdminKubeconfig));
        var manifests = new ManifestApplier(client);
        var definitions = ManifestFile.ReadFolder(Clone.PathOf("crds"));
        await manifests.ApplyAsync(definitions, CancellationToken.None);
        await using var installed = Caches.OfDefinitions(client, TimeProvider.System);
        await installed.StartAsync(CancellationToken.None);
        await installed.UntilAsync(
            items => items.Count(IsEstablished) == definitions.Count ? items : null,
            "the CRDs to be established", EstablishTimeout, CancellationToken.None);
        foreach (var name in (string[])[HelmChart.Namespace, "games", "lobby"])
            await EnsureNamespaceAsync(name);
    }

    /// <summary>Creates a namespace if it does not exist.</summary>
    internal async Task EnsureNamespaceAsync(string name)
    {
        using var client = new Kubernetes(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.AdminKubeconfig));
        var space = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } };
        (space["apiVersion"], space["kind"]) = ("v1", "Namespace");
        await new ManifestApplier(client).ApplyAsync(space, CancellationToken.None);
    }

    private static bool IsEstablished(V1CustomResourceDefinition definition) =>
        definition.Status?.Conditions?.Any(item => item is { Type: "Established", Status: "True" }) == true;

    /// <summary>
    /// Lets the server validate objects as if they were applied; returns its answers, one line for each.
    /// </summary>
    internal async Task<IReadOnlyList<string>> DryRunAsync(IEnumerable<JsonObject> objects)
    {
        var list = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "List",
            ["items"] = new JsonArray([.. objects.Select(item => item.DeepClone())]),
        };
        var file = _folder.File($"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, list.ToJsonString());
        var output = await Kubectl.OutputAsync(
            "apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename", file);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _etcd.DisposeAsync();
        _folder.Dispose();
    }
}
