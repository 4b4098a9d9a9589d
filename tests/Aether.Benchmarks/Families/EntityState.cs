using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.Benchmarks.Systems;
using Aether.Benchmarks.Systems.Grains;
using Aether.Benchmarks.Systems.Postgres;
using Aether.Persistence.Contracts;

namespace Aether.Benchmarks.Families;

/// <summary>
/// Replaces the state of one of many entities and waits until that survives a crash: what the .NET developer of a game
/// would otherwise do with grains of Orleans, with Redis, or with PostgreSQL.
/// </summary>
internal static class EntityState
{
    private const string Fsync = "aether";
    private const string Replicated = "aether-replicated";

    public static IEnumerable<Benchmark> All(BenchmarkServers servers) =>
    [
        new()
        {
            Name = "entity.64",
            What = "State of an entity replaced, 64 writers waiting",
            Writers = 64,
            WarmUp = TimeSpan.FromSeconds(5),
            Contestants =
            [
                LocalLogs.Aether(Fsync, Durability.Fsync),
                new LoadContestant("hset", async trial =>
                    await RedisLog.OpenAsync(trial.Workload, await servers.RedisAsync(), hashes: true)),
                new LoadContestant("orleans-redis", async trial =>
                    await OrleansEntities.OpenAsync(trial.Workload, await servers.RedisAsync())),
                JournalPostgres.Aether(Replicated, servers, inFlight: 1),
                JournalPostgres.Peer("upsert", servers, PreparedRows.UpsertAsync),
                JournalPostgres.Peer("orleans-postgres", servers, OrleansEntities.OpenAsync),
            ],
            Targets =
            [
                Target.Speed(Fsync, 2, "hset"),
                Target.Speed(Fsync, 6, "orleans-redis"),
                Target.Speed(Replicated, 3, "upsert"),
                Target.Speed(Replicated, 15, "orleans-postgres"),
            ],
        },
    ];
}
