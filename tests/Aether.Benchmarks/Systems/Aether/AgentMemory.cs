using System.Diagnostics;
using Aether.Benchmarks.Harness;
using Aether.Client;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>
/// Resident memory of an agent whose world has a given number of keys. Each key is written once, and then the agent is
/// idle while it is measured.
/// </summary>
/// <param name="system">Its name.</param>
/// <param name="keys">Number of keys.</param>
internal sealed class AgentMemory(string system, int keys) : IContestant
{
    private const int KeysPerCommit = 100;

    public string System => system;

    public async Task<Measurement> MeasureAsync(Trial trial)
    {
        await using var agent = await AetherAgent.StartAsync(trial.Folder);
        var started = Stopwatch.GetTimestamp();
        for (var first = 0; first < keys; first += KeysPerCommit)
            await agent.World.CommitAsync(Commit(trial.Workload, first));
        var writing = Stopwatch.GetElapsedTime(started);

        await Task.Delay(trial.Measured, TimeProvider.System);
        return new Measurement
        {
            OpsPerSecond = keys / writing.TotalSeconds,
            P50 = 0,
            P99 = 0,
            ResidentMiB = agent.ResidentMiB,
        };
    }

    private static WorldCommit Commit(Workload workload, int first)
    {
        var commit = new WorldCommit();
        for (var n = first; n < first + KeysPerCommit; n++)
            commit.Put(new WorldKey("guest", $"{n}"), workload.Value(n));
        return commit;
    }
}
