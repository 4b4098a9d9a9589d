namespace Aether.Agent.Settings;

/// <summary>
/// How much of the memory there is the state may take, and the queues beside it, so that commits are refused before an
/// allocation fails. docs/configuration.md, "An agent's memory".
/// </summary>
/// <param name="HeapBytes">Most bytes of the garbage collector's heap.</param>
internal readonly record struct MemoryBudget(long HeapBytes)
{
    // The program, its threads, and the requests and answers under way.
    private const long OverheadBytes = 32L << 20;
    private const long LeastStateBytes = 16L << 20;

    // Two of the largest commits at least.
    private const long LeastQueueBytes = 8L << 20;

    /// <summary>
    /// Most memory of the state: half of what the program leaves, since captures, growing tables and garbage need as
    /// much again.
    /// </summary>
    public long StateBytes => Math.Max(LeastStateBytes, (HeapBytes - OverheadBytes) / 2);

    /// <summary>
    /// The budget for a limit of the container; 0: what the garbage collector found, by cgroup or machine.
    /// </summary>
    public static MemoryBudget Of(long limitBytes) => limitBytes > 0
        ? new MemoryBudget(limitBytes / 4 * 3)
        : new MemoryBudget(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>Most bytes of one of the queues, which usually is <paramref name="usual"/>.</summary>
    public long QueueBytes(long usual) => Math.Clamp(HeapBytes / 8, LeastQueueBytes, usual);
}
