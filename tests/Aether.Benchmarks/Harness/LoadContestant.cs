namespace Aether.Benchmarks.Harness;

/// <summary>A system that is written to by concurrent loops for a while.</summary>
/// <param name="system">Its name.</param>
/// <param name="open">Opens it, fresh for every run.</param>
internal sealed class LoadContestant(string system, Func<Trial, Task<ISession>> open) : IContestant
{
    public string System => system;

    /// <summary>Loops per writer: how many writes one writer has under way. Default: 1, it waits for each.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>Writers, whatever the benchmark's number is; null: that number.</summary>
    public int? Writers { get; init; }

    /// <summary>Whether a write blocks its thread, so that each loop needs one of its own. Default: no.</summary>
    public bool Blocks { get; init; }

    /// <summary>One write in so many is timed, where looking at the clock would cost as much. Default: each.</summary>
    public int TimedWrites { get; init; } = 1;

    public async Task<Measurement> MeasureAsync(Trial trial)
    {
        await using var session = await open(trial);
        using var load = new Load(
            session, trial.Workload, (Writers ?? trial.Workload.Writers) * InFlight, TimedWrites);
        return await load.RunAsync(trial.WarmUp, trial.Measured, Blocks);
    }
}
