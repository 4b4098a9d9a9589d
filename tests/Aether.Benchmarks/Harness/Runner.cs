using Aether.TestServers;

namespace Aether.Benchmarks.Harness;

/// <summary>
/// Runs the systems of a benchmark in turn (ours, peer, ours, peer...), so that disturbances of the machine affect all
/// of them.
/// </summary>
internal sealed class Runner(BenchmarkOptions options, TextWriter progress)
{
    public async Task<IReadOnlyList<Result>> RunAsync(Benchmark benchmark, int payload, int writers)
    {
        var contestants = benchmark.Contestants.Where(options.Takes).ToArray();
        var runs = contestants.ToDictionary(contestant => contestant, _ => new List<Measurement>());
        for (var run = 1; run <= options.Runs; run++)
        {
            foreach (var contestant in contestants)
            {
                await progress.WriteAsync($"  run {run} of {options.Runs}: {contestant.System} ... ");
                var measurement = await MeasureAsync(contestant, new Workload(payload, writers), benchmark.WarmUp);
                runs[contestant].Add(measurement);
                await progress.WriteLineAsync($"{measurement.OpsPerSecond:n0}/s");
            }
        }
        return [.. contestants.Select(contestant => new Result(contestant.System, runs[contestant]))];
    }

    private async Task<Measurement> MeasureAsync(IContestant contestant, Workload workload, TimeSpan warmUp)
    {
        // Garbage of the previous system must not be collected during this one.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var folder = new TemporaryFolder("bench");
        return await contestant.MeasureAsync(new Trial(workload, folder.Path, warmUp, options.Measured));
    }
}
