using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.V1;
using Aether.TestServers;

namespace Aether.EndToEnd.Tests.Monitoring;

/// <summary>
/// A world under load beside a Prometheus that scrapes it and the operator, with conditions that do not occur by
/// themselves: a drift, and an unreachable store.
/// </summary>
public sealed class MonitoredWorld(SharedCluster shared) : IAsyncLifetime
{
    private const string Pod = "economy-0";

    private readonly CancellationTokenSource _end = new();
    private readonly TemporaryFolder _folder = new("discovery");
    private PodDiscovery? _discovery;
    private PrometheusServer? _prometheus;
    private AgentClient? _agent;
    private Task _load = Task.CompletedTask;

    internal PrometheusQueries Queries { get; private set; } = null!;

    internal TestBed Bed { get; private set; } = null!;

    internal TestWorld World { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        Bed = await shared.StartedAsync();
        var pods = _folder.File("pods.json");
        _discovery = new PodDiscovery(Bed.Cluster.Node.Pods, pods);
        _prometheus = new PrometheusServer(ScrapeConfiguration.For(Bed.Cluster, pods));
        await _prometheus.StartAsync(Stop);
        Queries = new PrometheusQueries(_prometheus.Url);

        World = await Bed.ReadyWorldAsync("""{"snapshot":{"interval":"1s"},"quota":{"stateBytes":"1Gi"}}""");
        await World.Pods.RunAsync(World.Pods.Of(Pod));
        _agent = World.Pods.Agent(Pod);
        _load = LoadAsync(_agent, _end.Token);

        await Bed.Stores.RedisAsync("ACL", "DELUSER", World.Names.RedisUser);
        await World.EventAsync("DriftRepaired");
        await LoseAStoreAsync(Bed);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _load;
        _agent?.Dispose();
        _end.Dispose();
        if (_prometheus is not null)
        {
            Queries.Dispose();
            await _prometheus.DisposeAsync();
        }

        _discovery?.Dispose();
        _folder.Dispose();
    }

    // At every durability, so that each has a rate and a latency.
    private static async Task LoadAsync(AgentClient agent, CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            foreach (var durability in
                (Durability[])[Durability.Memory, Durability.Batched, Durability.Fsync, Durability.Replicated])
                await agent.PutAsync($"{durability}-{i % 1000}", $"value {i}", durability);
        }
    }

    private static async Task LoseAStoreAsync(TestBed bed)
    {
        var world = await bed.NewWorldAsync();
        var backend = $"{world.Namespace}-lost";
        await new BackendManifests(bed.Cluster).ApplyAsync(
            backend, Stop, spec => spec["redis"]!["endpoint"] = $"127.0.0.1:{FreePort.Next()}");
        await world.ApplyAsync($$$"""{"class":"Ephemeral","backendRef":{"name":"{{{backend}}}"}}""");
        await world.UntilAsync("RedisReady", "Unknown", "Unreachable");
    }
}
