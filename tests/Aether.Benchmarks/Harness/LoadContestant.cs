namespace Aether.Benchmarks.Harness;

/// <summary>A system to which concurrent loops write for a while.</summary>
/// <param name="system">Its name.</param>
/// <param name="open">Opens the system; called for every run.</param>
internal sealed class LoadContestant(string system, Func<Trial, Task<ISession>> open) : IContestant
{
    public string System => system;

    /// <summary>Loops per writer: how many pending writes one writer has. Default: 1, it waits for each.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Number of writers, independent of the benchmark's; null: the benchmark's.</summary>
    public int? Writers { get; init; }

    /// <summary>Whether a write blocks its thread, so that each loop needs its own thread. Default: no.</summary>
    public bool Blocks { get; init; }

    /// <summary>
    /// One write in this many is timed, for systems in which reading the clock would cost as much as a write. Default:
    /// each.
    /// </summary>
    public int TimedWrites { get; init; } = 1;

    public async Task<Measurement> MeasureAsync(Trial trial)
    {
        await using var session = await open(trial);
        using var load = new Load(
            session, trial.Workload, (Writers ?? trial.Workload.Writers) * InFlight, TimedWrites);
        return await load.RunAsync(trial.WarmUp, trial.Measured, Blocks);
    }
}
