namespace Aether.Persistence;

/// <summary>There is no room for the commit now, in the queue or in the log. Retry later.</summary>
public sealed class OverloadedException : CommitRejectedException
{
    private OverloadedException(string reason, TimeSpan retryAfter)
        : base($"{reason} Retry in {retryAfter.TotalMilliseconds:F0} ms.") => RetryAfter = retryAfter;

    /// <summary>The setting whose limit is reached by the state; null: it is about the queue or the log.</summary>
    public string? Field { get; private init; }

    /// <summary>Its limit in bytes.</summary>
    public long Limit { get; private init; }

    /// <summary>What the commit would have come to, in bytes.</summary>
    public long Actual { get; private init; }

    /// <summary>When a retry is worth while.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>More bytes wait for the disk than the queue may hold.</summary>
    public static OverloadedException QueueIsFull(long queuedBytes, long limit, TimeSpan retryAfter) =>
        new($"{queuedBytes} bytes wait for the disk, the limit is {limit}.", retryAfter);

    /// <summary>The state would grow beyond a limit.</summary>
    public static OverloadedException StateIsFull(
        string field, long limit, long has, long growth, string does, TimeSpan retryAfter) => new(
            $"The state {does} {has} bytes, this commit adds {growth}, and the limit is {limit} ({field}). Nothing of "
            + $"it was applied. Delete keys, which is always possible, or raise {field}.",
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

    /// <summary>As many readers hold on to a copy of the state as may.</summary>
    public static OverloadedException TooManyReaders(int limit, TimeSpan retryAfter) => new(
        $"{limit} clients read the state as a whole now, and no more may at once (each holds on to a copy in memory). "
        + "Read less often, or let one client read for all.",
        retryAfter);

    /// <summary>A reader of the state does not read.</summary>
    public static OverloadedException ReaderIsTooSlow(TimeSpan limit, TimeSpan retryAfter) => new(
        $"Nothing of the answer was read for {limit.TotalSeconds:F0} s, the limit for an answer that holds on to a "
        + "copy of the state. Read faster, or ask for less.",
        retryAfter);

    /// <summary>An allocation failed before the commit had a place in the log.</summary>
    public static OverloadedException OutOfMemory(TimeSpan retryAfter) => new(
        "The agent has no memory for this commit; nothing of it was applied. Delete keys, commit less at once, or "
        + "raise spec.agent.resources.limits.memory.",
        retryAfter);

    /// <summary>The log on the volume is as large as it may be, and waits for a snapshot to be stored.</summary>
    public static OverloadedException LogIsFull(long limit, TimeSpan retryAfter) => new(
        $"The log has reached its limit of {limit} bytes, and what is in it is in no snapshot yet: look at the "
        + "snapshots' and the journal's store, or raise spec.wal.maxBytes.",
        retryAfter);

    /// <summary>The volume has no room for another segment of the log, and waits for a snapshot to be stored.</summary>
    public static OverloadedException VolumeIsFull(string reason, TimeSpan retryAfter) => new(
        $"The volume has no room for the log: {reason.TrimEnd('.')}. A snapshot is being taken to make room: if this "
        + "lasts, look at the snapshots' and the journal's store, or make the volume larger than spec.wal.maxBytes.",
        retryAfter);
}
