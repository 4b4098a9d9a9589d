using System.Collections.Concurrent;
using System.Threading.Channels;
using Aether.DevCluster.Clusters;

namespace Aether.Benchmarks.Fleet;

/// <summary>
/// A match-based game: each world is created, becomes Ready, and is deleted with its stores. The wanted rate is 500
/// worlds per minute for ten minutes; a machine that is slower shows the rate that it reaches.
/// </summary>
internal sealed record ChurnBenchmark : IFleetBenchmark
{
    private const int PerMinute = 500;
    private const int Minutes = 10;

    // More worlds than this are never present at once, so that a slow machine does not collect a backlog.
    private const int MostPresent = 200;

    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1) / PerMinute;

    public string Name => "operator.churn";

    public async Task<FleetReport> RunAsync(TextWriter progress)
    {
        using var deadline = new CancellationTokenSource(LongestRun, TimeProvider.System);
        await using var cluster = await DevelopmentCluster.StartAsync(FleetCluster.Options(progress), deadline.Token);
        var meter = await FleetMeter.StartAsync(cluster, deadline.Token);
        await using var worlds = new FleetWorlds(cluster);
        await worlds.ApplyNamespacesAsync(deadline.Token);

        var waits = new Waits();
        var ready = Channel.CreateUnbounded<int>();
        worlds.BecameReady += index =>
        {
            waits.End(index);
            ready.Writer.TryWrite(index);
        };
        var deleting = DeleteAsync(worlds, ready.Reader, deadline.Token);

        // The first world brings what all worlds share, such as the stream of the agents' reports.
        waits.Begin(0);
        await worlds.ApplyAsync(0, deadline.Token);
        await worlds.WaitAsync((ready, present) => ready == 0 && present == 0 && waits.Count == 1, deadline.Token);
        var before = await ReadAsync(cluster, meter, deadline.Token);
        var made = await CreateAsync(worlds, waits, progress, deadline.Token);
        // The deletions end before only if one fails.
        await await Task.WhenAny(deleting, worlds.WaitAsync((_, present) => present == 0, deadline.Token));
        ready.Writer.Complete();
        await deleting;
        var after = await ReadAsync(cluster, meter, deadline.Token);
        foreach (var left in after.Stores.Objects.Except(before.Stores.Objects))
            progress.WriteLine($"Left in the stores: {left}");
        return new FleetReport(Name, $"{made} worlds, each deleted when Ready", Compare(before, after, made, waits));
    }

    private static async Task DeleteAsync(
        FleetWorlds worlds, ChannelReader<int> ready, CancellationToken cancellationToken)
    {
        await foreach (var index in ready.ReadAllAsync(cancellationToken))
            await worlds.DeleteAsync(index, cancellationToken);
    }

    private static async Task<int> CreateAsync(
        FleetWorlds worlds, Waits waits, TextWriter progress, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var made = 0;
        while (TimeProvider.System.GetElapsedTime(started) is var elapsed && elapsed.TotalMinutes < Minutes)
        {
            if (made % PerMinute == 0)
                progress.WriteLine($"{made} worlds created after {elapsed.TotalSeconds:n0} s");
            if ((Interval * made) - elapsed is var early && early > TimeSpan.Zero)
                await Task.Delay(early, TimeProvider.System, cancellationToken);
            await worlds.WaitAsync((_, present) => present < MostPresent, cancellationToken);
            waits.Begin(++made);
            await worlds.ApplyAsync(made, cancellationToken);
        }

        return made;
    }

    private static async Task<State> ReadAsync(
        DevelopmentCluster cluster, FleetMeter meter, CancellationToken cancellationToken) => new(
        await meter.ReadAsync(cancellationToken),
        await StoreLeftovers.ReadAsync(cluster, cancellationToken),
        FleetMeter.ResidentBytes(cluster.Operator.ProcessId),
        FleetMeter.ResidentBytes(cluster.Nats.Process!.Id));

    private static IReadOnlyList<FleetFigure> Compare(State before, State after, int made, Waits waits)
    {
        var spent = after.Sample - before.Sample;
        var (first, last) = waits.FirstAndLastMinute();
        return
        [
            new("created and deleted per minute", made / spent.Elapsed.TotalMinutes, ""),
            new("processor per world, in all", spent.Processor.Values.Sum(time => time.TotalMilliseconds) / made, "ms"),
            new("PostgreSQL's WAL per world", spent.WalBytes / 1000.0 / made, "kB"),
            new("applied until Ready, first minute", first.TotalMilliseconds, "ms, median"),
            new("applied until Ready, last minute", last.TotalMilliseconds, "ms, median"),
            new("objects left in the stores", after.Stores.Objects.Except(before.Stores.Objects).Count(), "", 0),
            new("PostgreSQL's catalogue, before", MiB(before.Stores.CatalogueBytes), "MiB"),
            new("PostgreSQL's catalogue, after", MiB(after.Stores.CatalogueBytes), "MiB"),
            new("operator's resident memory, before", MiB(before.OperatorBytes), "MiB"),
            new("operator's resident memory, after", MiB(after.OperatorBytes), "MiB", 200),
            new("nats-server's resident memory, before", MiB(before.NatsBytes), "MiB"),
            new("nats-server's resident memory, after", MiB(after.NatsBytes), "MiB"),
        ];
    }

    private static double MiB(long bytes) => bytes / (double)(1 << 20);

    private sealed record State(FleetSample Sample, StoreLeftovers Stores, long OperatorBytes, long NatsBytes);

    /// <summary>How long each world took to become Ready.</summary>
    private sealed class Waits
    {
        private readonly ConcurrentDictionary<int, long> _begun = new();
        private readonly ConcurrentDictionary<int, TimeSpan> _ended = new();

        public int Count => _ended.Count;

        public void Begin(int index) => _begun[index] = TimeProvider.System.GetTimestamp();

        public void End(int index) => _ended[index] = TimeProvider.System.GetElapsedTime(_begun[index]);

        public (TimeSpan First, TimeSpan Last) FirstAndLastMinute()
        {
            var perMinute = _ended.Count / Minutes;
            var inOrder = _ended.OrderBy(wait => wait.Key).Skip(1).Select(wait => wait.Value).ToList();
            return (Median(inOrder.Take(perMinute)), Median(inOrder.TakeLast(perMinute)));
        }

        private static TimeSpan Median(IEnumerable<TimeSpan> waits) =>
            waits.Order().ToList() is { Count: > 0 } sorted ? sorted[sorted.Count / 2] : TimeSpan.Zero;
    }
}
