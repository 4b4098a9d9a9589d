using System.Diagnostics;
using Aether.Benchmarks.Harness;
using Aether.Client;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>
/// Resident memory of an agent whose world has a given number of keys. Each key is written, and then the agent is idle
/// while it is measured.
/// </summary>
/// <param name="system">Its name.</param>
/// <param name="keys">Number of keys.</param>
/// <param name="load">How many times 64 writers at once overwrite all keys first. Default: 0.</param>
/// <param name="rest">How long the agent is idle before it is measured. Default: as long as a run is measured.</param>
internal sealed class AgentMemory(string system, int keys, int load = 0, TimeSpan? rest = null) : IContestant
{
    private const int KeysPerCommit = 100;
    private const int LoadWriters = 64;

    public string System => system;

    public async Task<Measurement> MeasureAsync(Trial trial)
    {
        await using var agent = await AetherAgent.StartAsync(trial.Folder);
        var started = Stopwatch.GetTimestamp();
        for (var first = 0; first < keys; first += KeysPerCommit)
            await agent.World.CommitAsync(Commit(trial.Workload, first));
        var writing = Stopwatch.GetElapsedTime(started);

        if (load > 0)
            await OverwriteAsync(agent.World, trial.Workload);
        await Task.Delay(rest ?? trial.Measured, TimeProvider.System);
        return new Measurement
        {
            OpsPerSecond = keys / writing.TotalSeconds,
            P50 = 0,
            P99 = 0,
            ResidentMiB = agent.ResidentMiB,
        };
    }

    private Task OverwriteAsync(AetherWorld world, Workload workload) => Parallel.ForAsync(
        0, keys * load, new ParallelOptions { MaxDegreeOfParallelism = LoadWriters },
        async (n, _) => await world.CommitAsync(
            new WorldCommit().Put(new WorldKey("guest", $"{n % keys}"), workload.Value(n)), CancellationToken.None));

    private static WorldCommit Commit(Workload workload, int first)
    {
        var commit = new WorldCommit();
        for (var n = first; n < first + KeysPerCommit; n++)
            commit.Put(new WorldKey("guest", $"{n}"), workload.Value(n));
        return commit;
    }
}
