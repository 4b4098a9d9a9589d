namespace Aether.Agent.Hosting;

/// <summary>
/// Returns memory to the operating system after load. The garbage collector does so only when it runs, and it runs only
/// while the program allocates: an agent that was busy and is idle now would keep what it needed under load.
/// </summary>
/// <param name="heap">The heap of the process.</param>
/// <param name="clock">The clock.</param>
internal sealed class IdleMemory(IdleMemory.IHeap heap, TimeProvider clock)
{
    /// <summary>Time between two readings.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Most bytes that an idle agent allocates in <see cref="Interval"/>: for renewals, reports, probes and scrapes.
    /// </summary>
    public const long IdleBytes = 8 << 20;

    /// <summary>Bytes allocated since the last collection that make another one worth its processor time.</summary>
    public const long LoadBytes = 64 << 20;

    /// <summary>
    /// Largest heap that is collected. The collection moves all objects while every thread waits, 0.1 s for a heap of
    /// this size; a commit that arrives then waits as long.
    /// </summary>
    public const long LargestHeap = 256 << 20;

    /// <summary>The part of the garbage collector that is used here; a test has one of its own.</summary>
    internal interface IHeap
    {
        /// <summary>Bytes allocated since the process started.</summary>
        long AllocatedBytes { get; }

        /// <summary>Bytes in use, garbage included.</summary>
        long Bytes { get; }

        /// <summary>Collects all garbage, and returns free memory to the operating system.</summary>
        void Collect();
    }

    /// <summary>Watches until <paramref name="ended"/>.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        var (collectedAt, readBefore) = (0L, heap.AllocatedBytes);
        while (true)
        {
            await Task.Delay(Interval, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                return;
            var allocated = heap.AllocatedBytes;
            if (allocated - readBefore < IdleBytes && allocated - collectedAt >= LoadBytes && heap.Bytes <= LargestHeap)
            {
                heap.Collect();
                collectedAt = allocated;
            }

            readBefore = allocated;
        }
    }

    /// <summary>The heap of this process.</summary>
    internal sealed class ProcessHeap : IHeap
    {
        public long AllocatedBytes => GC.GetTotalAllocatedBytes();

        public long Bytes => GC.GetTotalMemory(forceFullCollection: false);

        public void Collect() =>
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
