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
        .. Replay.All(servers),
        .. Guest.All(),
    ];
}
