namespace Aether.Agent;

/// <summary>
/// Why the process ended, for the program that restarts it. docs/agent.md says what to do for each code.
/// </summary>
internal enum ExitCode
{
    /// <summary>Stopped on request.</summary>
    Stopped = 0,

    /// <summary>A setting, the command line or a listening address is unusable; a restart does not help.</summary>
    BadConfiguration = 1,

    /// <summary>
    /// The log could not be written or synced, or the journal lost commits that the volume may hold; a restart recovers
    /// the acknowledged commits.
    /// </summary>
    WalFailed = 2,

    /// <summary>A newer writer has opened the world.</summary>
    Fenced = 3,

    /// <summary>Snapshot, journal and log do not add up to a state that matches its digest.</summary>
    RecoveryFailed = 4,

    /// <summary>An unexpected exception; the log has its stack trace.</summary>
    Defect = 5,

    /// <summary>
    /// Stopped on request, but acknowledged commits are stored nowhere outside the pod: not in the journal or, in a
    /// world without a log, not in a snapshot.
    /// </summary>
    Incomplete = 6,
}
