using System.Diagnostics;

namespace Aether.Benchmarks.Harness;

/// <summary>Loops that each write as fast as they are answered; counted after a warm-up.</summary>
internal sealed class Load(ISession session, Workload workload, int loops, int timedWrites) : IDisposable
{
    private readonly long _timedMask = timedWrites - 1;

    // Per thread rather than per loop: thousands of histograms would themselves load the processor's cache.
    private readonly ThreadLocal<Tally> _tallies = new(() => new Tally(), trackAllValues: true);
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

        await Task.WhenAll(running);
        var latencies = new LatencyHistogram();
        foreach (var tally in _tallies.Values)
            latencies.Add(tally.Latencies);
        var writes = _tallies.Values.Sum(tally => tally.Writes);
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

    public void Dispose() => _tallies.Dispose();

    // A loop that fails ends the others and the run at once.
    private async Task PassAsync(TimeSpan time, Task[] running)
    {
        var over = Task.Delay(time, TimeProvider.System);
        if (await Task.WhenAny([over, .. running]) is var first && first == over)
            return;
        _phase = Phase.Over;
        await first;
    }

    private Task OnOwnThread()
    {
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Own(finished)) { IsBackground = true, Name = "writer" }.Start();
        return finished.Task;
    }

    private void Own(TaskCompletionSource finished)
    {
        try
        {
            LoopAsync().GetAwaiter().GetResult();
            finished.SetResult();
        }
        catch (Exception exception)
        {
            finished.SetException(exception);
        }
    }

    private async Task LoopAsync()
    {
        var measured = false;
        while (true)
        {
            var n = workload.Next();
            var timed = (n & _timedMask) == 0;
            var started = timed ? Stopwatch.GetTimestamp() : 0;
            await session.WriteAsync(n);
            if (measured)
            {
                var tally = _tallies.Value!;
                tally.Writes++;
                if (timed)
                    tally.Latencies.Record(Stopwatch.GetTimestamp() - started);
            }
            if (_phase is var phase && phase == Phase.Over)
                return;
            measured = phase == Phase.Measured;
        }
    }

    private sealed class Tally
    {
        public long Writes { get; set; }

        public LatencyHistogram Latencies { get; } = new();
    }
}
