using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.Benchmarks.Systems;
using Aether.Benchmarks.Systems.Aether;

namespace Aether.Benchmarks.Families;

/// <summary>Commits through the socket of a real agent, compared with a server that syncs before it answers.</summary>
internal static class SocketFsync
{
    public static IEnumerable<Benchmark> All(BenchmarkServers servers) =>
    [
        new()
        {
            Name = "socket.fsync.1",
            What = "Fsync through the agent's socket, 1 writer waiting for each commit",
            Writers = 1,
            WarmUp = TimeSpan.FromSeconds(2),
            Contestants =
            [
                new LoadContestant("aether", AetherSocket.OpenAsync), LocalLogs.Raw("raw"), Redis(servers),
            ],
            Targets =
            [
                new Target(
                    "p50 at most raw + 100 us",
                    ["aether", "raw"],
                    "us more",
                    results => results[0].P50 - results[1].P50,
                    100,
                    AtLeast: false),
            ],
        },
        new()
        {
            Name = "socket.fsync.64",
            What = "Fsync through the agent's socket, 64 in flight on one stream",
            Writers = 64,
            WarmUp = TimeSpan.FromSeconds(2),
            Contestants =
            [
                new LoadContestant("aether", AetherSocket.OpenStreamAsync), Redis(servers), new RedisBenchmark(servers),
            ],
            Targets =
            [
                Target.Speed("aether", 100_000),
                Target.Speed("aether", 1, "redis"),
                Target.Speed("aether", 1, "redis-benchmark"),
            ],
        },
    ];

    private static LoadContestant Redis(BenchmarkServers servers) =>
        new("redis", async trial => await RedisLog.OpenAsync(trial.Workload, await servers.RedisAsync()));
}
