using System.Diagnostics;

namespace Aether.Benchmarks.Harness;

/// <summary>A system that reads back all writes; the latency is that of the whole replay.</summary>
/// <param name="system">Its name.</param>
/// <param name="prepare">Makes that many writes, to be read back.</param>
internal sealed class ReplayContestant(string system, Func<Trial, int, Task<IReplay>> prepare) : IContestant
{
    private const int Writes = 1_000_000;

    public string System => system;

    public async Task<Measurement> MeasureAsync(Trial trial)
    {
        await using var replay = await prepare(trial, Writes);
        var allocated = GC.GetTotalAllocatedBytes();
        var processor = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        var read = await replay.RunAsync();
        var elapsed = Stopwatch.GetElapsedTime(started);
        processor = Environment.CpuUsage.TotalTime - processor;
        if (read != Writes)
            throw new InvalidDataException($"{system} returned {read} of {Writes} writes.");
        return new Measurement
        {
            OpsPerSecond = Writes / elapsed.TotalSeconds,
            P50 = elapsed.TotalMicroseconds,
            P99 = elapsed.TotalMicroseconds,
            OpsPerCpuSecond = Writes / processor.TotalSeconds,
            AllocatedBytes = (double)(GC.GetTotalAllocatedBytes() - allocated) / Writes,
        };
    }
}
