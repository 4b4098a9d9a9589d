using System.Diagnostics;

namespace Aether.Benchmarks.Harness;

/// <summary>Loops that write one after the other, each as fast as it is answered; counted after a warm-up.</summary>
internal sealed class Load(ISession session, Workload workload, int loops, int timedWrites)
{
    private readonly long _timedMask = timedWrites - 1;
    private volatile Phase _phase = Phase.WarmUp;

    private enum Phase
    {
        WarmUp,
        Measured,
        Over,
    }

    public async Task<Measurement> RunAsync(TimeSpan warmUp, TimeSpan time, bool blocking)
    {
        var running = Enumerable.Range(0, loops)
            .Select(_ => blocking ? OnOwnThread() : Task.Run(LoopAsync))
            .ToArray();
        await PassAsync(warmUp, running);

        using var pauses = new GcPauses();
        var allocated = GC.GetTotalAllocatedBytes();
        var processor = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        _phase = Phase.Measured;
        await PassAsync(time, running);
        _phase = Phase.Over;
        var elapsed = Stopwatch.GetElapsedTime(started);
        processor = Environment.CpuUsage.TotalTime - processor;
        allocated = GC.GetTotalAllocatedBytes() - allocated;

        var tallies = await Task.WhenAll(running);
        var latencies = new LatencyHistogram();
        foreach (var tally in tallies)
            latencies.Add(tally.Latencies);
        var writes = tallies.Sum(tally => tally.Writes);
        return new Measurement
        {
            OpsPerSecond = writes / elapsed.TotalSeconds,
            P50 = latencies.Quantile(0.5),
            P99 = latencies.Quantile(0.99),
            OpsPerCpuSecond = writes / processor.TotalSeconds,
            AllocatedBytes = (double)allocated / writes,
            GcPauseP999 = pauses.Quantile(0.999),
        };
    }

    // A loop that fails ends the others and the run at once.
    private async Task PassAsync(TimeSpan time, Task[] running)
    {
        var over = Task.Delay(time, TimeProvider.System);
        if (await Task.WhenAny([over, .. running]) is var first && first == over)
            return;
        _phase = Phase.Over;
        await first;
    }

    private Task<Tally> OnOwnThread()
    {
        var finished = new TaskCompletionSource<Tally>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Own(finished)) { IsBackground = true, Name = "writer" }.Start();
        return finished.Task;
    }

    private void Own(TaskCompletionSource<Tally> finished)
    {
        try
        {
            finished.SetResult(LoopAsync().GetAwaiter().GetResult());
        }
        catch (Exception exception)
        {
            finished.SetException(exception);
        }
    }

    private async Task<Tally> LoopAsync()
    {
        var latencies = new LatencyHistogram();
        var writes = 0L;
        var measured = false;
        while (true)
        {
            var n = workload.Next();
            var timed = (n & _timedMask) == 0;
            var started = timed ? Stopwatch.GetTimestamp() : 0;
            await session.WriteAsync(n);
            if (measured)
            {
                writes++;
                if (timed)
                    latencies.Record(Stopwatch.GetTimestamp() - started);
            }
            if (_phase is var phase && phase == Phase.Over)
                return new Tally(writes, latencies);
            measured = phase == Phase.Measured;
        }
    }

    private sealed record Tally(long Writes, LatencyHistogram Latencies);
}
