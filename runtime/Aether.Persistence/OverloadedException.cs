namespace Aether.Persistence;

/// <summary>There is no room for the commit now: in the queue, in the log or in memory. Retry later.</summary>
public sealed class OverloadedException : CommitRejectedException
{
    private OverloadedException(string reason, TimeSpan retryAfter)
        : base($"{reason} Retry in {retryAfter.TotalMilliseconds:F0} ms.") => RetryAfter = retryAfter;

    /// <summary>The setting whose limit the state has reached; null if the queue or the log is full.</summary>
    public string? Field { get; private init; }

    /// <summary>Its limit in bytes.</summary>
    public long Limit { get; private init; }

    /// <summary>What the commit would have needed, in bytes.</summary>
    public long Actual { get; private init; }

    /// <summary>When to retry.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>More bytes are waiting for the disk than the queue may hold.</summary>
    public static OverloadedException QueueIsFull(long queuedBytes, long limit, TimeSpan retryAfter) =>
        new($"{queuedBytes} bytes wait for the disk, the limit is {limit}.", retryAfter);

    /// <summary>The state would grow beyond a limit.</summary>
    public static OverloadedException StateIsFull(
        string field, long limit, long has, long growth, string does, TimeSpan retryAfter) => new(
            $"The state {does} {has} bytes, this commit adds {growth}, and the limit is {limit} ({field}). The commit "
            + $"was not applied. Delete keys, which is always possible, or raise {field}.",
            retryAfter)
        {
            Field = field,
            Limit = limit,
            Actual = has + growth,
        };

    /// <summary>The journal is much further behind than the world accepts.</summary>
    public static OverloadedException JournalIsBehind(long bytes, long limit, TimeSpan retryAfter) => new(
        $"The journal is {bytes} bytes behind, and the limit is {limit} (spec.wal.maxLag.bytes): commits are refused "
        + "at twice the limit. Check the journal's store, or raise the limit.",
        retryAfter);

    /// <summary>As many readers as allowed hold a copy of the state.</summary>
    public static OverloadedException TooManyReaders(int limit, TimeSpan retryAfter) => new(
        $"{limit} clients are reading the whole state, and no more may do so at once, because each keeps a copy of it "
        + "in memory. Read less often, or let one client read for all.",
        retryAfter);

    /// <summary>A reader of the state does not read the answer.</summary>
    public static OverloadedException ReaderIsTooSlow(TimeSpan limit, TimeSpan retryAfter) => new(
        $"The client read nothing of the answer for {limit.TotalSeconds:F0} s, the limit for an answer that keeps a "
        + "copy of the state in memory. Read faster, or ask for less.",
        retryAfter);

    /// <summary>An allocation failed before the commit had a place in the log.</summary>
    public static OverloadedException OutOfMemory(TimeSpan retryAfter) => new(
        "The agent has no memory for this commit, which was not applied. Delete keys, commit less at once, or "
        + "raise spec.agent.resources.limits.memory.",
        retryAfter);

    /// <summary>The log has reached its limit, and waits for a snapshot to be stored.</summary>
    public static OverloadedException LogIsFull(long limit, TimeSpan retryAfter) => new(
        $"The log has reached its limit of {limit} bytes, and no snapshot holds its commits yet: check the stores of "
        + "the snapshots and of the journal, or raise spec.wal.maxBytes.",
        retryAfter);

    /// <summary>The volume has no room for another segment of the log, and waits for a snapshot to be stored.</summary>
    public static OverloadedException VolumeIsFull(string reason, TimeSpan retryAfter) => new(
        $"The volume has no room for the log: {reason.TrimEnd('.')}. A snapshot is being taken to make room: if this "
        + "lasts, check the stores of the snapshots and of the journal, or make the volume larger than "
        + "spec.wal.maxBytes.",
        retryAfter);
}
