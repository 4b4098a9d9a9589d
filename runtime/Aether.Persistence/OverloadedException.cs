namespace Aether.Persistence;

/// <summary>There is no room for the commit now, in the queue or in the log. Retry later.</summary>
public sealed class OverloadedException : CommitRejectedException
{
    private OverloadedException(string reason, TimeSpan retryAfter)
        : base($"{reason} Retry in {retryAfter.TotalMilliseconds:F0} ms.") => RetryAfter = retryAfter;

    /// <summary>When a retry is worth while.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>More bytes wait for the disk than the queue may hold.</summary>
    public static OverloadedException QueueIsFull(long queuedBytes, long limit, TimeSpan retryAfter) =>
        new($"{queuedBytes} bytes wait for the disk, the limit is {limit}.", retryAfter);

    /// <summary>The log on the volume is as large as it may be, and waits for a snapshot to be stored.</summary>
    public static OverloadedException LogIsFull(long limit, TimeSpan retryAfter) => new(
        $"The log has reached its limit of {limit} bytes, and what is in it is in no snapshot yet: look at the "
        + "snapshots' and the journal's store, or raise spec.wal.maxBytes.",
        retryAfter);
}
