using Aether.Benchmarks.Harness;
using FASTER.core;

namespace Aether.Benchmarks.Systems;

/// <summary>FasterLog reopened and scanned; it returns bytes and builds nothing from them.</summary>
internal sealed class FasterLogReplay(string folder) : IReplay
{
    public static async Task<IReplay> PrepareAsync(Trial trial, int writes)
    {
        using var settings = Settings(trial.Folder);
        using var log = new FasterLog(settings);
        for (var i = 0; i < writes; i++)
            log.Enqueue(trial.Workload.Value(trial.Workload.Next()));
        await log.CommitAsync();
        return new FasterLogReplay(trial.Folder);
    }

    public async Task<long> RunAsync()
    {
        using var settings = Settings(folder);
        using var log = new FasterLog(settings);
        using var scan = log.Scan(log.BeginAddress, log.CommittedUntilAddress);
        var counter = new Counter();
        while (scan.NextAddress < log.CommittedUntilAddress)
        {
            if (!scan.TryConsumeNext(counter))
                await scan.WaitAsync();
        }
        return counter.Entries;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static FasterLogSettings Settings(string folder) => new(folder) { FastCommitMode = true };

    private sealed class Counter : ILogEntryConsumer
    {
        public long Entries { get; private set; }

        public void Consume(ReadOnlySpan<byte> entry, long currentAddress, long nextAddress) => Entries++;
    }
}
