using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using k8s;

namespace Aether.Benchmarks.Fleet;

/// <summary>
/// The operator as it ships, with many worlds on one PostgreSQL, Redis and nats-server: what making them costs, what
/// they cost at rest, and how long the operator takes to serve them again after a restart.
/// </summary>
/// <param name="Worlds">Number of worlds.</param>
internal sealed record FleetBenchmark(int Worlds)
{
    private const int Namespaces = 10;
    private const int AppliedAtOnce = 8;

    // The operator's default drift interval is shorter, so that every world is inspected at rest too.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(60);

    /// <summary>Its name: "operator.1000".</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"operator.{Worlds}");

    /// <summary>Runs it once.</summary>
    public async Task<FleetResult> RunAsync(TextWriter progress)
    {
        using var deadline = new CancellationTokenSource(LongestStep, TimeProvider.System);
        await using var cluster = await DevelopmentCluster.StartAsync(Options(progress), deadline.Token);
        var meter = await FleetMeter.StartAsync(cluster, deadline.Token);
        await using var ready = new ReadyWorlds(cluster);

        progress.WriteLine($"Applying {Worlds} worlds");
        var begin = await meter.ReadAsync(deadline.Token);
        await ApplyAsync(cluster, deadline.Token);
        await ready.WaitAsync(Worlds, deadline.Token);
        var made = await meter.ReadAsync(deadline.Token) - begin;

        progress.WriteLine($"{Worlds} worlds are Ready after {made.Elapsed.TotalSeconds:n1} s; at rest");
        await Task.Delay(Settle, TimeProvider.System, deadline.Token);
        var resting = await meter.ReadAsync(deadline.Token);
        await Task.Delay(Rest, TimeProvider.System, deadline.Token);
        var rest = await meter.ReadAsync(deadline.Token) - resting;
        var resident = meter.OperatorResidentBytes();

        progress.WriteLine("Restarting the operator");
        await cluster.Operator.StopAsync();
        var stopped = TimeProvider.System.GetTimestamp();
        await cluster.Operator.StartAsync(deadline.Token);
        await meter.WaitForLeaderAsync(deadline.Token);
        return new FleetResult(Worlds, made, rest, resident, TimeProvider.System.GetElapsedTime(stopped));
    }

    // Settings of the operator are those it ships with.
    private static ClusterOptions Options(TextWriter progress) => new()
    {
        Postgres = FleetMeter.Counting(new PostgresServerOptions
        {
            Settings = new Dictionary<string, string> { ["shared_buffers"] = "128MB" },
        }),
        Operator = new OperatorOptions { ResyncInterval = null },
        Progress = progress.WriteLine,
    };

    private async Task ApplyAsync(DevelopmentCluster cluster, CancellationToken cancellationToken)
    {
        for (var index = 0; index < Namespaces; index++)
        {
            await cluster.Manifests.ApplyAsync(
                new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Namespace",
                    ["metadata"] = new JsonObject { ["name"] = Namespace(index) },
                },
                cancellationToken);
        }

        var limit = new ParallelOptions
        {
            MaxDegreeOfParallelism = AppliedAtOnce,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, Worlds, limit, async (index, token) =>
            await cluster.Manifests.ApplyAsync(World(index), token));
    }

    private static string Namespace(int index) => string.Create(CultureInfo.InvariantCulture, $"fleet-{index}");

    private static JsonObject World(int index) => new()
    {
        ["apiVersion"] = AetherNames.Group + "/v1alpha1",
        ["kind"] = "WorldPersistence",
        ["metadata"] = new JsonObject
        {
            ["namespace"] = Namespace(index % Namespaces),
            ["name"] = string.Create(CultureInfo.InvariantCulture, $"world-{index}"),
        },
        ["spec"] = new JsonObject { ["class"] = "Durable" },
    };

    // Counts worlds as they become ready, so that waiting costs the machine little.
    private sealed class ReadyWorlds : IAsyncDisposable
    {
        private readonly DevelopmentCluster _cluster;
        private readonly Lock _gate = new();
        private readonly HashSet<string> _ready = []; // _gate
        private readonly SemaphoreSlim _changed = new(0);

        public ReadyWorlds(DevelopmentCluster cluster)
        {
            _cluster = cluster;
            cluster.Worlds.Changed += Changed;
        }

        public async Task WaitAsync(int count, CancellationToken cancellationToken)
        {
            while (Count() < count)
                await _changed.WaitAsync(cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            _cluster.Worlds.Changed -= Changed;
            _changed.Dispose();
            return ValueTask.CompletedTask;
        }

        private int Count()
        {
            lock (_gate)
                return _ready.Count;
        }

        private void Changed(WatchEventType type, CustomObject world)
        {
            if (world.Condition("Ready") is not { IsTrue: true })
                return;
            lock (_gate)
                _ready.Add(world.Metadata.Uid);
            _changed.Release();
        }
    }
}
