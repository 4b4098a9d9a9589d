namespace Aether.Benchmarks.Fleet;

/// <summary>What one run of <see cref="FleetBenchmark"/> measured.</summary>
/// <param name="Worlds">Number of worlds.</param>
/// <param name="Made">From the first world applied until all were Ready.</param>
/// <param name="Rest">Two minutes without changes.</param>
/// <param name="ResidentBytes">The operator's resident memory at the end of that time.</param>
/// <param name="Restart">From the operator's end until the next one leads with synced caches.</param>
internal sealed record FleetResult(
    int Worlds, FleetSample Made, FleetSample Rest, long ResidentBytes, TimeSpan Restart)
{
    public IReadOnlyList<FleetFigure> Figures =>
    [
        new("applied until all Ready", Made.Elapsed.TotalSeconds, "s", Worlds * 0.06),
        .. Made.Processor.Select(pair =>
            new FleetFigure($"processor per world made: {pair.Key}", pair.Value.TotalMilliseconds / Worlds, "ms")),
        new("processor per world made, in all", Made.Processor.Values.Sum(time => time.TotalMilliseconds) / Worlds,
            "ms", 111),
        new("API requests per world made", (double)Made.ApiRequests / Worlds, "", 6),
        new("statements per world made", (double)Made.Statements / Worlds, "", 20),
        new("PostgreSQL's WAL per world made", Made.WalBytes / 1000.0 / Worlds, "kB", 100),
        new("API requests at rest", PerSecond(Rest.ApiRequests), "/s", 2),
        new("statements at rest", PerSecond(Rest.Statements), "/s", 5),
        new("Redis commands at rest", PerSecond(Rest.RedisCommands), "/s", 5),
        new("logins to PostgreSQL at rest", PerSecond(Rest.Logins), "/s", 0.1),
        new("processor at rest", 100 * Rest.Processor.Values.Sum(time => time / Rest.Elapsed), "% of a core", 2),
        new("operator's resident memory", ResidentBytes / (double)(1 << 20), "MiB", 200),
        new("restart until synced and leading", Restart.TotalSeconds, "s", 10),
    ];

    private double PerSecond(long count) => count / Rest.Elapsed.TotalSeconds;
}
