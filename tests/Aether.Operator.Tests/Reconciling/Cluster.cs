using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Hosting;
using Aether.Operator.Kinds;
using Aether.Operator.Tests.Kinds;
using Aether.TestServers;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>
/// An API server with the CRDs, the three stores, and the operator's controllers in the test process.
/// </summary>
public class Cluster(Servers servers) : IAsyncLifetime
{
    public const string Backend = "default";
    private const string OperatorNamespace = "aether-system";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly EtcdServer _etcd = new();
    private ApiServer? _api;
    private IHost? _host;
    private ServiceProvider? _client;

    /// <summary>How often the operator surveys the stores.</summary>
    public static TimeSpan Survey => TimeSpan.FromSeconds(1);

    public PostgresServer Postgres { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    public NatsServer Nats { get; private set; } = null!;

    public IObjectClient Objects { get; private set; } = null!;

    public string AuditLog => _api!.AuditLog;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (Postgres, Redis, Nats) =
            (await servers.PostgresAsync(), await servers.RedisAsync(), await servers.NatsAsync());
        await _etcd.StartAsync(Stop);
        _api = new ApiServer(_etcd);
        await _api.StartAsync(Stop);

        _client = Client(_api.AdminKubeconfig);
        Objects = _client.GetRequiredService<IObjectClient>();
        await InstallAsync();
        _host = Operator(_api.AdminKubeconfig);
        await _host.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.StopAsync();
        _host?.Dispose();
        if (_client is not null)
            await _client.DisposeAsync();
        if (_api is not null)
            await _api.DisposeAsync();
        await _etcd.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A service of the operator.</summary>
    internal T Service<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>();

    /// <summary>
    /// Stops the operator, runs an action, and starts another operator that knows nothing of the first.
    /// </summary>
    internal async Task RestartOperatorAsync(Func<Task> meanwhile)
    {
        await _host!.StopAsync(Stop);
        _host.Dispose();
        await meanwhile();
        _host = Operator(_api!.AdminKubeconfig);
        await _host.StartAsync(Stop);
    }

    /// <summary>Starts one more operator, for a shard, and returns it.</summary>
    internal async Task<IHost> StartShardAsync(string name)
    {
        var shard = Operator(_api!.AdminKubeconfig, name);
        await shard.StartAsync(Stop);
        return shard;
    }

    /// <summary>Creates a namespace that is unique to the test.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        var name = $"t{Guid.NewGuid():N}"[..20];
        await CreateNamespaceAsync(name);
        return name;
    }

    /// <summary>Applies a world as a user does: only the given fields are sent.</summary>
    internal async Task<WorldPersistence> CreateWorldAsync(
        string @namespace, string name, string spec, string? adopt = null)
    {
        var kubernetes = _client!.GetRequiredService<Kubernetes>();
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = @namespace };
        if (adopt is not null)
            metadata["annotations"] = new JsonObject { ["persistence.aether.dev/adopt-uid"] = adopt };
        var body = new JsonObject
        {
            ["apiVersion"] = WorldPersistence.GroupVersion,
            ["kind"] = WorldPersistence.KindName,
            ["metadata"] = metadata,
            ["spec"] = JsonNode.Parse(spec),
        };
        return await kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync<WorldPersistence>(
            body, "persistence.aether.dev", "v1alpha1", @namespace, WorldPersistence.Plural, cancellationToken: Stop);
    }

    internal Task<WorldPersistence> PatchWorldAsync(WorldPersistence world, string patch) =>
        Objects.MergeAsync<WorldPersistence>(ObjectKey.Of(world), (JsonObject)JsonNode.Parse(patch)!, Stop);

    internal Task<PersistenceBackend> PatchBackendAsync(string name, string patch) =>
        Objects.MergeAsync<PersistenceBackend>(new ObjectKey(null, name), (JsonObject)JsonNode.Parse(patch)!, Stop);

    internal Task<WorldPersistence> WaitReadyAsync(WorldPersistence world) =>
        WaitAsync(world, current => Condition(current, WorldConditions.Ready) is { Status: "True" } ready
            && ready.ObservedGeneration == current.Metadata.Generation);

    internal Task<WorldPersistence> WaitReasonAsync(WorldPersistence world, string type, string reason) =>
        WaitAsync(world, current => Condition(current, type)?.Reason == reason);

    internal static V1Condition? Condition(WorldPersistence world, string type) =>
        world.Status.Conditions?.SingleOrDefault(condition => condition.Type == type);

    internal async Task WaitGoneAsync(WorldPersistence world) => await PollAsync(
        async () => await Objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(world), Stop) is null ? "gone" : null,
        () => $"{world.Metadata.Name} is still there");

    /// <summary>The events about an object.</summary>
    internal async Task<IReadOnlyList<Eventsv1Event>> EventsAsync(IMetadata<V1ObjectMeta> about) =>
    [
        .. (await Objects.ListAsync<Eventsv1Event>(null, null, Stop))
            .Where(happened => happened.Regarding?.Uid == about.Metadata.Uid),
    ];

    /// <summary>Waits for an event about an object whose note contains a text.</summary>
    internal Task<Eventsv1Event> WaitEventAsync(IMetadata<V1ObjectMeta> about, string reason, string text) => PollAsync(
        async () => (await EventsAsync(about)).FirstOrDefault(happened =>
            happened.Reason == reason && happened.Note.Contains(text, StringComparison.Ordinal)),
        () => $"no event {reason} with '{text}'");

    internal Task<TEntity> PollUntilAsync<TEntity>(ObjectKey key)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        PollAsync(() => Objects.TryGetAsync<TEntity>(key, Stop), () => $"there is no {key}");

    internal Task<PersistenceBackend> WaitBackendAsync(string name, string ready) => PollAsync(
        async () => await Objects.TryGetAsync<PersistenceBackend>(new ObjectKey(null, name), Stop) is { } backend
            && backend.Status.Conditions?.SingleOrDefault(
                condition => condition.Type == WorldConditions.Ready) is { } condition
            && condition.Status == ready ? backend : null,
        () => $"backend {name} does not become Ready={ready}");

    internal async Task<WorldPersistence> WaitAsync(WorldPersistence world, Func<WorldPersistence, bool> until)
    {
        WorldPersistence? last = null;
        return await PollAsync(
            async () => (last = await Objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(world), Stop)) is { } current
                && until(current) ? current : null,
            () => $"last seen: {KubernetesJson.Serialize(last?.Status)}");
    }

    internal Task CreateSecretAsync(string @namespace, string name, params (string Key, string Value)[] data) =>
        Objects.CreateAsync(Backends.Secret(@namespace, name, data), Stop);

    /// <summary>Another backend on the same stores, with changes.</summary>
    internal async Task<PersistenceBackend> CreateBackendAsync(
        string name, Action<PersistenceBackendSpec>? change = null)
    {
        var backend = Backends.On(name, Postgres, Redis, Nats);
        change?.Invoke(backend.Spec);
        return await Objects.CreateAsync(backend, Stop);
    }

    internal static async Task<T> PollAsync<T>(Func<Task<T?>> read, Func<string> complain)
        where T : class
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while (true)
        {
            if (await read() is { } found)
                return found;
            if (deadline.IsCancellationRequested)
                throw new TimeoutException(complain());
            await Task.Delay(Poll, TimeProvider.System, Stop);
        }
    }

    private static ServiceProvider Client(string kubeconfig)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        services.AddKubernetesOperator(new OperatorSettings { Name = "tests" });
        return services.BuildServiceProvider();
    }

    /// <summary>Changes the operator's services.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    private IHost Operator(string kubeconfig, string shard = "")
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddOperator(new OperatorOptions
        {
            Kubeconfig = kubeconfig,
            Shard = shard,
            LeaderElection = false,
            DriftInterval = Survey,
            ResyncInterval = TimeSpan.FromHours(1),
            BackoffBase = TimeSpan.FromMilliseconds(100),
            BackoffLimit = TimeSpan.FromSeconds(1),
        });
        Configure(builder.Services);
        return builder.Build();
    }

    private async Task InstallAsync()
    {
        foreach (var plural in new[] { WorldPersistence.Plural, PersistenceBackend.Plural })
        {
            await Objects.CreateAsync(CrdSchema.Read(plural), Stop);
            await PollAsync(
                async () => (await Objects.TryGetAsync<V1CustomResourceDefinition>(
                    new ObjectKey(null, $"{plural}.persistence.aether.dev"), Stop))?.Status?.Conditions?
                    .FirstOrDefault(condition => condition is { Type: "Established", Status: "True" }),
                () => $"{plural} is not established");
        }

        await CreateNamespaceAsync(OperatorNamespace);
        await CreateSecretAsync(OperatorNamespace, Backends.PostgresAdmin,
            ("username", Postgres.AdminUsername), ("password", Postgres.AdminPassword));
        await CreateSecretAsync(OperatorNamespace, Backends.RedisAdmin,
            ("username", Redis.AdminUsername), ("password", Redis.AdminPassword));
        await CreateSecretAsync(OperatorNamespace, Backends.NatsAdmin,
            ("username", Nats.AdminUsername), ("password", Nats.AdminPassword));
        await CreateBackendAsync(Backend);
    }

    private async Task CreateNamespaceAsync(string name) =>
        await Objects.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, Stop);
}
