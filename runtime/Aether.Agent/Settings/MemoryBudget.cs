namespace Aether.Agent.Settings;

/// <summary>
/// How much of the available memory the state and the queues may take, so that commits are refused before an allocation
/// fails. docs/configuration.md, "An agent's memory".
/// </summary>
/// <param name="HeapBytes">Most bytes of the garbage collector's heap.</param>
internal readonly record struct MemoryBudget(long HeapBytes)
{
    // For the program, its threads, and pending requests and answers.
    private const long OverheadBytes = 32L << 20;
    private const long LeastStateBytes = 16L << 20;

    // At least two of the largest commits.
    private const long LeastQueueBytes = 8L << 20;

    /// <summary>
    /// Most memory of the state: half of what the program leaves, because captures, growing tables and garbage need as
    /// much again.
    /// </summary>
    public long StateBytes => Math.Max(LeastStateBytes, (HeapBytes - OverheadBytes) / 2);

    /// <summary>
    /// The budget for a container's limit; 0: the limit that the garbage collector found, from the cgroup or the
    /// machine.
    /// </summary>
    public static MemoryBudget Of(long limitBytes) => limitBytes > 0
        ? new MemoryBudget(limitBytes / 4 * 3)
        : new MemoryBudget(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>Most bytes of one of the queues, whose usual size is <paramref name="usual"/>.</summary>
    public long QueueBytes(long usual) => Math.Clamp(HeapBytes / 8, LeastQueueBytes, usual);
}
