namespace Aether.Agent;

/// <summary>Why the process ended, for the program that restarts it. docs/agent.md has the remedy for each.</summary>
internal enum ExitCode
{
    /// <summary>Stopped when asked to.</summary>
    Stopped = 0,

    /// <summary>A setting, the command line or a listening address is not usable; restarting does not help.</summary>
    BadConfiguration = 1,

    /// <summary>
    /// The log could not be written or synced, or the journal lost commits that the volume may hold; restarting
    /// recovers what was acknowledged.
    /// </summary>
    WalFailed = 2,

    /// <summary>A newer writer has the world.</summary>
    Fenced = 3,

    /// <summary>Snapshot, journal and log do not make up a state that proves itself.</summary>
    RecoveryFailed = 4,

    /// <summary>Something nobody thought of; the log has the stack trace.</summary>
    Defect = 5,

    /// <summary>
    /// Stopped when asked to, and acknowledged commits are not where they outlive the pod: not in the journal, or of a
    /// world without a log, not in a snapshot.
    /// </summary>
    Incomplete = 6,
}
