using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Nodes;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using k8s;
using k8s.Models;

namespace Aether.DevCluster.Clusters;

/// <summary>
/// A whole cluster as processes of this machine: PostgreSQL, Redis, nats-server, etcd, an API server, the operator
/// under its own service account, and a node. It uses free ports and temporary folders, and leaves nothing behind.
/// </summary>
internal sealed class DevelopmentCluster : IAsyncDisposable
{
    /// <summary>Namespace of the operator.</summary>
    public const string SystemNamespace = "aether-system";

    private static readonly TimeSpan EstablishTimeout = TimeSpan.FromSeconds(30);
    private static readonly ServiceAccountName OperatorAccount = new(SystemNamespace, "aether-operator");

    private readonly ClusterOptions _options;
    private readonly TemporaryFolder _folder = new("cluster");
    private OperatorProcess? _operator;
    private Kubernetes? _client;
    private Node? _node;
    private ObjectCache<CustomObject, CustomObjectList>? _worlds;
    private ObjectCache<Corev1Event, Corev1EventList>? _events;

    private DevelopmentCluster(ClusterOptions options)
    {
        _options = options;
        Postgres = new PostgresServer(options.Postgres);
        Nats = new NatsServer(NatsOperator);
        ApiServer = new ApiServer(Etcd, OperatorAccount);
    }

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; } = new();

    /// <summary>NATS in operator mode, so that each world gets its own user.</summary>
    public NatsServer Nats { get; }

    /// <summary>The operator that <see cref="Nats"/> trusts.</summary>
    public NatsOperator NatsOperator { get; } = new();

    /// <summary>Stores the objects of <see cref="ApiServer"/>.</summary>
    public EtcdServer Etcd { get; } = new();

    public ApiServer ApiServer { get; }

    public OperatorProcess Operator => _operator ?? throw NotStarted();

    /// <summary>The administrator's client.</summary>
    public Kubernetes Client => _client ?? throw NotStarted();

    public Node Node => _node ?? throw NotStarted();

    /// <summary>Applies manifests as the administrator.</summary>
    public ManifestApplier Manifests => field ??= new ManifestApplier(Client);

    /// <summary>All worlds.</summary>
    public ObjectCache<CustomObject, CustomObjectList> Worlds => _worlds ?? throw NotStarted();

    /// <summary>All events.</summary>
    public ObjectCache<Corev1Event, Corev1EventList> Events => _events ?? throw NotStarted();

    /// <summary>A folder outside all pods, deleted with the cluster.</summary>
    public string Folder => _folder.Path;

    /// <summary>The operator's kubeconfig.</summary>
    public string OperatorKubeconfig => ApiServer.KubeconfigOf(OperatorAccount);

    /// <summary>Starts a cluster; its operator and node are running when the task completes.</summary>
    public static async Task<DevelopmentCluster> StartAsync(
        ClusterOptions options, CancellationToken cancellationToken)
    {
        var cluster = new DevelopmentCluster(options);
        try
        {
            await cluster.StartAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The Pod webhook's service, redirected to the operator's port.</summary>
    /// <remarks>
    /// No network leads to a cluster address here. So the service becomes an alias of localhost, and the webhook names
    /// the operator's port; certificate, authority and path stay as shipped.
    /// </remarks>
    public IEnumerable<JsonObject> WebhookManifests() =>
        ManifestFile.ReadFolder(Clone.PathOf("config", "webhook")).Select(manifest =>
        {
            if ((string?)manifest["kind"] == "Service")
                manifest["spec"] = new JsonObject { ["type"] = "ExternalName", ["externalName"] = "localhost" };
            foreach (var webhook in manifest["webhooks"]?.AsArray() ?? [])
                webhook!["clientConfig"]!["service"]!["port"] = Operator.WebhookPort;
            return manifest;
        });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_node is { } node)
            await node.DisposeAsync();
        if (_operator is { } @operator)
            await @operator.DisposeAsync();
        if (_worlds is { } worlds)
            await worlds.DisposeAsync();
        if (_events is { } events)
            await events.DisposeAsync();
        _client?.Dispose();
        await Task.WhenAll(new TestServer[] { ApiServer, Postgres, Redis, Nats }
            .Select(server => server.DisposeAsync().AsTask()));
        await Etcd.DisposeAsync();
        _folder.Dispose();
    }

    private static InvalidOperationException NotStarted() => new("The cluster was not started.");

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _options.Progress("Starting PostgreSQL, Redis, NATS, etcd and the API server");
        await Task.WhenAll(
            Postgres.StartAsync(cancellationToken),
            Redis.StartAsync(cancellationToken),
            Nats.StartAsync(cancellationToken),
            StartApiServerAsync(cancellationToken));

        _options.Progress("Installing CRDs, RBAC and webhook");
        await InstallAsync(cancellationToken);
        await new BackendManifests(this).ApplyAsync("default", cancellationToken);

        _options.Progress("Starting the operator, as system:serviceaccount:aether-system:aether-operator");
        var images = new Dictionary<string, Image>(_options.Images)
        {
            [ProgramImages.AgentImage] = ProgramImages.Agent(),
            [ProgramImages.SampleWorldImage] = ProgramImages.SampleWorld(),
        };
        var options = new NodeOptions { Images = new ImageTable(images), LongestBackoff = _options.LongestBackoff };
        _node = await Node.StartAsync(Client, options, cancellationToken);
        await Operator.StartAsync(cancellationToken);
        await WebhookReadiness.WaitAsync(Client, cancellationToken);
    }

    private async Task StartApiServerAsync(CancellationToken cancellationToken)
    {
        await Etcd.StartAsync(cancellationToken);
        await ApiServer.StartAsync(cancellationToken);
        _client = new Kubernetes(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(ApiServer.AdminKubeconfig));
        _operator = new OperatorProcess(OperatorKubeconfig, Folder, _options.Operator);
    }

    private async Task InstallAsync(CancellationToken cancellationToken)
    {
        var definitions = ManifestFile.ReadFolder(Clone.PathOf("crds"));
        if (_options.WithoutSchemas)
            definitions = [.. definitions.Select(LooseSchemas.Of)];
        await Manifests.ApplyAsync(definitions, cancellationToken);
        await using (var installed = Caches.OfDefinitions(Client, TimeProvider.System))
        {
            await installed.StartAsync(cancellationToken);
            await installed.UntilAsync(
                items => items.Count(IsEstablished) == definitions.Count ? items : null,
                "the CRDs to be established", EstablishTimeout, cancellationToken);
        }

        await Manifests.ApplyAsync(NamespaceOf(SystemNamespace), cancellationToken);
        await Manifests.ApplyAsync(
            ManifestFile.ReadFolder(Clone.PathOf("config", "rbac")), cancellationToken);
        await Manifests.ApplyAsync(WebhookManifests(), cancellationToken);

        _worlds = Caches.OfCustom(Client, AetherNames.Group, "v1alpha1", "worldpersistences", TimeProvider.System);
        _events = Caches.OfEvents(Client, TimeProvider.System);
        await _worlds.StartAsync(cancellationToken);
        await _events.StartAsync(cancellationToken);
    }

    private static bool IsEstablished(V1CustomResourceDefinition definition) =>
        definition.Status?.Conditions?.Any(item => item.Type == "Established" && item.Status == "True") == true;

    private static JsonObject NamespaceOf(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject { ["name"] = name },
    };
}
