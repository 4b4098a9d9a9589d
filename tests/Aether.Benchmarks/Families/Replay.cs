using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.Benchmarks.Systems;
using Aether.Benchmarks.Systems.Aether;
using Aether.Benchmarks.Systems.Postgres;

namespace Aether.Benchmarks.Families;

/// <summary>How fast 1,000,000 writes are replayed.</summary>
internal static class Replay
{
    public static IEnumerable<Benchmark> All(BenchmarkServers servers) =>
    [
        new()
        {
            Name = "replay.volume",
            What = "1,000,000 commits from the volume, until state and digest are rebuilt",
            Writers = 1,
            Contestants =
            [
                new ReplayContestant("aether", AetherReplay.FromVolumeAsync),
                new ReplayContestant("fasterlog-scan", FasterLogReplay.PrepareAsync),
            ],
            Targets = [Target.Speed("aether", 3_000_000)],
        },
        new()
        {
            Name = "replay.postgres",
            What = "1,000,000 commits from the journal in PostgreSQL, until state and digest are rebuilt",
            Writers = 1,
            Contestants =
            [
                new ReplayContestant(
                    "aether",
                    async (trial, writes) =>
                        await AetherReplay.FromPostgresAsync(trial, writes, await servers.PostgresAsync())),
                new ReplayContestant(
                    "copy-out",
                    async (trial, writes) =>
                        await CopyReplay.PrepareAsync(trial, writes, await servers.PostgresAsync())),
            ],
            Targets = [Target.Speed("aether", 1, "copy-out")],
        },
    ];
}
