using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Systems.Aether;
using Aether.Persistence.Contracts;

namespace Aether.Benchmarks.Families;

/// <summary>Commits that are acknowledged from memory and synced in the background.</summary>
internal static class LogBatched
{
    private const int TimedWrites = 64;

    public static IEnumerable<Benchmark> All() =>
    [
        new()
        {
            Name = "log.batched.1",
            What = "Batched, 1 writer",
            Payload = 100,
            Writers = 1,
            Contestants =
            [
                LocalLogs.Aether("aether", Durability.Batched, timedWrites: TimedWrites),
                new LoadContestant("caller", trial => Task.FromResult<ISession>(new CallerOnly(trial.Workload)))
                {
                    TimedWrites = TimedWrites,
                },
            ],
            Targets =
            [
                Target.Speed("aether", 2_000_000),
                new Target(
                    "aether at least 2,000,000 per second of processor time, all threads counted",
                    ["aether"],
                    "",
                    results => results[0].OpsPerCpuSecond,
                    2_000_000,
                    AtLeast: true),
                Target.AtMost("aether", "allocated per commit", result => result.AllocatedBytes, 200, "B"),
                Target.AtMost("aether", "p99.9 of GC pauses", result => result.GcPauseP999, 5, "ms"),
            ],
        },
    ];
}
