using Aether.DevCluster.Clusters;

namespace Aether.Benchmarks.Fleet;

/// <summary>
/// The operator as it ships, with many worlds on one PostgreSQL, Redis and nats-server: what making them costs, what
/// they cost at rest, and how long the operator takes to serve them again after a restart.
/// </summary>
/// <param name="Worlds">Number of worlds.</param>
internal sealed record FleetBenchmark(int Worlds) : IFleetBenchmark
{
    private const int AppliedAtOnce = 8;

    // With the operator's default drift interval of 1 minute, the worlds' first surveys and the inspections that follow
    // them are over before the rest begins, and the rest contains two surveys.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(200);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(60);

    /// <summary>Its name: "operator.1000".</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"operator.{Worlds}");

    public async Task<FleetReport> RunAsync(TextWriter progress)
    {
        using var deadline = new CancellationTokenSource(LongestStep, TimeProvider.System);
        await using var cluster = await DevelopmentCluster.StartAsync(FleetCluster.Options(progress), deadline.Token);
        var meter = await FleetMeter.StartAsync(cluster, deadline.Token);
        await using var worlds = new FleetWorlds(cluster);

        progress.WriteLine($"Applying {Worlds} worlds");
        var begin = await meter.ReadAsync(deadline.Token);
        await ApplyAsync(worlds, deadline.Token);
        await worlds.WaitAsync((ready, _) => ready == Worlds, deadline.Token);
        var made = await meter.ReadAsync(deadline.Token) - begin;

        progress.WriteLine($"{Worlds} worlds are Ready after {made.Elapsed.TotalSeconds:n1} s; at rest");
        await Task.Delay(Settle, TimeProvider.System, deadline.Token);
        var resting = await meter.ReadAsync(deadline.Token);
        await Task.Delay(Rest, TimeProvider.System, deadline.Token);
        var rest = await meter.ReadAsync(deadline.Token) - resting;
        var resident = FleetMeter.ResidentBytes(cluster.Operator.ProcessId);

        progress.WriteLine("Restarting the operator");
        await cluster.Operator.StopAsync();
        var stopped = TimeProvider.System.GetTimestamp();
        await cluster.Operator.StartAsync(deadline.Token);
        await meter.WaitForLeaderAsync(deadline.Token);
        var restart = TimeProvider.System.GetElapsedTime(stopped);
        return new FleetReport(
            Name,
            $"the operator with {Worlds} worlds on one PostgreSQL, Redis and nats-server",
            new FleetResult(Worlds, made, rest, resident, restart).Figures);
    }

    private async Task ApplyAsync(FleetWorlds worlds, CancellationToken cancellationToken)
    {
        await worlds.ApplyNamespacesAsync(cancellationToken);
        var limit = new ParallelOptions
        {
            MaxDegreeOfParallelism = AppliedAtOnce,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, Worlds, limit, async (index, token) => await worlds.ApplyAsync(index, token));
    }
}
