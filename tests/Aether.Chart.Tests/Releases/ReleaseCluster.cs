using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.DevCluster.Nodes;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using k8s;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>
/// A cluster for one release: stores, API server and a node, on which helm finds nothing of ours. The node runs the
/// operator from the pods that the chart describes; only the API server's address and the account's token, which a
/// kubelet would mount, reach it by the image's environment.
/// </summary>
public sealed class ReleaseCluster : IAsyncLifetime
{
    /// <summary>Namespace of worlds.</summary>
    internal const string Games = "games";

    /// <summary>Another namespace.</summary>
    internal const string Lobby = "lobby";

    /// <summary>An image that does nothing until it is stopped.</summary>
    internal const string IdleImage = "idle:test";

    private static readonly ServiceAccountName OperatorAccount = new(HelmChart.Namespace, "aether-operator");
    private static readonly TimeSpan AuditPoll = TimeSpan.FromMilliseconds(50);

    private readonly EtcdServer _etcd = new();
    private readonly ApiServer _server;
    private ObjectCache<CustomObject, CustomObjectList>? _worlds;
    private DeploymentRunner? _deployments;

    public ReleaseCluster()
    {
        _server = new ApiServer(_etcd, OperatorAccount);
    }

    internal PostgresServer Postgres { get; } = new();

    internal RedisServer Redis { get; } = new();

    internal NatsServer Nats { get; } = new();

    internal HelmChart Chart { get; } = new();

    internal TemporaryFolder Folder { get; } = new("release");

    internal Tool Helm { get; private set; } = null!;

    internal Tool Kubectl { get; private set; } = null!;

    internal Kubernetes Client { get; private set; } = null!;

    internal ManifestApplier Manifests { get; private set; } = null!;

    internal Node Node { get; private set; } = null!;

    internal ServiceRoute Route { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Chart.InitializeAsync();
        await Task.WhenAll(
            Postgres.StartAsync(Stop), Redis.StartAsync(Stop), Nats.StartAsync(Stop), StartApiServerAsync());
        Client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(_server.AdminKubeconfig));
        Manifests = new ManifestApplier(Client);
        var environment = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = _server.AdminKubeconfig,
            ["HELM_CONFIG_HOME"] = Folder.File("config"),
            ["HELM_CACHE_HOME"] = Folder.File("cache"),
            ["HELM_DATA_HOME"] = Folder.File("data"),
        };
        Helm = new Tool(await Tool.FindHelmAsync(), Folder, environment);
        Kubectl = new Tool(await Tool.FindKubectlAsync(), Folder, environment);
        Node = await Node.StartAsync(Client, new NodeOptions { Images = Images() }, Stop);
        _deployments = new DeploymentRunner(Client, Node.Pods);
        await _deployments.StartAsync(Stop);
        Route = new ServiceRoute(Client, Node.Pods);
        await Route.StartAsync(Stop);

        foreach (var name in (string[])[HelmChart.Namespace, Games, Lobby])
            await Manifests.ApplyAsync(Object("v1", "Namespace", null, name), Stop);
        await SecretAsync("postgres", Postgres.AdminUsername, Postgres.AdminPassword);
        await SecretAsync("redis", Redis.AdminUsername, Redis.AdminPassword);
        await SecretAsync("nats", Nats.AdminUsername, Nats.AdminPassword);
    }

    public async ValueTask DisposeAsync()
    {
        if (_deployments is not null)
            await _deployments.DisposeAsync();
        if (Route is not null)
            await Route.DisposeAsync();
        if (_worlds is not null)
            await _worlds.DisposeAsync();
        if (Node is not null)
            await Node.DisposeAsync();
        Client?.Dispose();
        await Task.WhenAll(new TestServer[] { _server, Postgres, Redis, Nats }
            .Select(server => server.DisposeAsync().AsTask()));
        await _etcd.DisposeAsync();
        await Chart.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>Values that lead the backend to this cluster's stores, and the webhook past kube-proxy.</summary>
    internal string Values(string more = "") =>
        $$"""
        image: {repository: operator, tag: test}
        agent: {image: {repository: agent, tag: test} }
        resyncInterval: "00:00:02"
        webhook: {service: {port: 8443} }
        backend:
          create: true
          postgres: {host: {{Postgres.Host}}, port: {{Postgres.Port}}, database: {{Postgres.Database}},
                     sslMode: Disable, adminSecretRef: {name: postgres} }
          redis: {endpoint: "{{Redis.Endpoint}}", adminSecretRef: {name: redis} }
          nats: {urls: ["{{Nats.Url}}"], credentialsSecretRef: {name: nats} }
        {{more}}
        """;

    /// <summary>helm upgrade --install --wait, and then until the API server reaches the webhook.</summary>
    internal async Task UpgradeAsync(string values, string? folder = null, params string[] more)
    {
        await Helm.OutputAsync(
        [
            "upgrade", "--install", "aether", folder ?? HelmChart.Folder, "--namespace", HelmChart.Namespace,
            "--wait", "--timeout", "5m", "--values", await Chart.FileAsync(values), .. more,
        ]);
        await ReachedAsync();
    }

    /// <summary>Until the API server reaches a ready operator's webhook, and trusts it.</summary>
    internal async Task ReachedAsync()
    {
        await Route.SettledAsync();
        await WebhookReadiness.WaitAsync(Client, Stop, Games);
    }

    /// <summary>All worlds; the CRDs must be there.</summary>
    internal async Task<ObjectCache<CustomObject, CustomObjectList>> WorldsAsync()
    {
        if (_worlds is null)
        {
            _worlds = Caches.OfCustom(Client, AetherNames.Group, "v1alpha1", "worldpersistences", TimeProvider.System);
            await _worlds.StartAsync(Stop);
        }

        return _worlds;
    }

    /// <summary>Applies a world; it is Ready when the task completes.</summary>
    internal async Task<CustomObject> ReadyWorldAsync(string @namespace, string name)
    {
        var world = Object($"{AetherNames.Group}/v1alpha1", "WorldPersistence", @namespace, name);
        world["spec"] = new JsonObject();
        await Manifests.ApplyAsync(world, Stop);
        return await ReadyAsync(@namespace, name);
    }

    /// <summary>A world once it is Ready.</summary>
    internal async Task<CustomObject> ReadyAsync(string @namespace, string name) =>
        await (await WorldsAsync()).UntilAsync(
            worlds => worlds.FirstOrDefault(world => world.Metadata.NamespaceProperty == @namespace
                && world.Metadata.Name == name && world.Condition("Ready")?.IsTrue == true),
            $"world {@namespace}/{name} to be Ready", Waiting.Step, Stop);

    /// <summary>Pods of the operator that are not on their way out.</summary>
    internal IReadOnlyList<V1Pod> Operators() => [.. Node.Pods.Items.Where(pod =>
        pod.Metadata.DeletionTimestamp is null
        && pod.Metadata.Labels?.ContainsKey("pod-template-hash") == true)];

    /// <summary>Paths and codes of requests that the API server refused the operator for want of rights.</summary>
    internal async Task<IReadOnlyList<string>> ForbiddenAsync()
    {
        var marker = $"/version?marker={Guid.NewGuid():N}";
        await Client.GetAsync(marker, Stop);
        while (true)
        {
            await using var file = new FileStream(
                _server.AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            var text = await reader.ReadToEndAsync(Stop);
            if (!text.Contains(marker, StringComparison.Ordinal))
            {
                await Task.Delay(AuditPoll, TimeProvider.System, Stop);
                continue;
            }

            return [.. text.Split('\n').Where(line =>
                line.Contains($":{OperatorAccount.Name}\"", StringComparison.Ordinal)
                && line.Contains("\"code\":403", StringComparison.Ordinal))];
        }
    }

    /// <summary>An object without a spec.</summary>
    internal static JsonObject Object(string apiVersion, string kind, string? @namespace, string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }

    private async Task StartApiServerAsync()
    {
        await _etcd.StartAsync(Stop);
        await _server.StartAsync(Stop);
    }

    private ImageTable Images()
    {
        var program = Repository.Managed("Aether.Operator", "aether-operator");
        var environment = new Dictionary<string, string>(program.Environment!)
        {
            ["KUBECONFIG"] = _server.KubeconfigOf(OperatorAccount),
        };
        return new ImageTable(new Dictionary<string, Image>
        {
            ["operator:test"] = program with { Environment = environment },
            ["agent:test"] = Repository.Agent(),
            [IdleImage] = new(["/bin/sleep", "infinity"]),
        });
    }

    private async Task SecretAsync(string name, string username, string password) =>
        await Manifests.ApplyAsync(BackendManifests.Secret(name, username, password), Stop);
}
