using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Systems.Aether;

namespace Aether.Benchmarks.Families;

/// <summary>Resources that an agent takes from its pod. There is no peer: the bounds are absolute.</summary>
internal static class Guest
{
    private const int Keys = 100_000;
    private const int Busy = 1_000;

    public static IEnumerable<Benchmark> All() =>
    [
        new()
        {
            Name = "guest.start",
            What = "from the start of the agent's process until it serves an empty world",
            Writers = 1,
            Contestants = [new AgentStart("aether")],
            Targets =
            [
                Target.AtMost("aether", "start to ready", result => result.P50 / 1000, 200, "ms"),
                Target.AtMost("aether", "program in the image", _ => AetherAgent.ProgramMegabytes(), 29, "MB"),
            ],
        },
        new()
        {
            Name = "guest.memory",
            What = "resident memory of the agent, idle: empty, with 100,000 keys, and after 64 writers' load on 1,000",
            Writers = 1,
            Contestants =
            [
                new AgentMemory("aether-idle", 0),
                new AgentMemory("aether-100k", Keys),
                // Idle for longer than the agent takes to find that it is idle, twice 30 s.
                new AgentMemory("aether-after-load", Busy, load: 200, rest: TimeSpan.FromSeconds(75)),
            ],
            Targets =
            [
                Target.AtMost("aether-idle", "resident, idle", result => result.ResidentMiB!.Value, 40, "MiB"),
                Target.AtMost("aether-100k", "resident, 100,000 keys", result => result.ResidentMiB!.Value, 120, "MiB"),
                Target.AtMost(
                    "aether-after-load", "resident, after load", result => result.ResidentMiB!.Value, 60, "MiB"),
            ],
        },
    ];
}
