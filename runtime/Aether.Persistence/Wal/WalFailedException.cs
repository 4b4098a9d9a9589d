namespace Aether.Persistence.Wal;

/// <summary>
/// A write to the log, or its sync, failed. Nothing more is acknowledged, and the process must exit: after a failed
/// fsync Linux may have dropped the very pages that it could not write, and reports success the next time ("fsyncgate",
/// PostgreSQL 2018). So a retry would acknowledge commits that are not on the disk. Recovery reads what the disk really
/// holds.
/// </summary>
public sealed class WalFailedException(string operation, string file, Exception inner)
    : Exception(
        $"The write-ahead log failed to {operation} '{file}': {inner.Message} Nothing more is acknowledged. "
        + "Check whether the volume is full or failing, then restart the agent: it recovers all acknowledged commits.",
        inner)
{
    /// <summary>The operation: "write", "sync", "create".</summary>
    public string Operation { get; } = operation;

    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>
    /// Runs one step on a file of the log. If it fails for any reason, including a failed allocation, nobody knows what
    /// the volume holds, and the log must not be used.
    /// </summary>
    internal static void Guard(string operation, string file, Action step)
    {
        try
        {
            step();
        }
        catch (Exception exception)
        {
            throw new WalFailedException(operation, file, exception);
        }
    }
}
