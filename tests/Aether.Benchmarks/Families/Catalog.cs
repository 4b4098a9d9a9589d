using Aether.Benchmarks.Fleet;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;

namespace Aether.Benchmarks.Families;

/// <summary>All benchmarks, in the order they run.</summary>
internal static class Catalog
{
    public static IReadOnlyList<Benchmark> All(BenchmarkServers servers) =>
    [
        .. LogFsync.All(),
        .. LogBatched.All(),
        .. JournalPostgres.All(servers),
        .. SocketFsync.All(servers),
        .. EntityState.All(servers),
        .. Replay.All(servers),
        .. Guest.All(),
    ];

    /// <summary>Fleets of worlds; they run after the others, once each.</summary>
    public static IReadOnlyList<IFleetBenchmark> Fleets { get; } =
    [
        new FleetBenchmark(100), new FleetBenchmark(1000), new FleetBenchmark(5000), new ChurnBenchmark(),
        new LeaseFleet(100), new LeaseFleet(1000),
    ];

    /// <summary>The names of all, in the order they run.</summary>
    public static IEnumerable<string> Names(BenchmarkServers servers) =>
        [.. All(servers).Select(benchmark => benchmark.Name), .. Fleets.Select(fleet => fleet.Name)];
}
