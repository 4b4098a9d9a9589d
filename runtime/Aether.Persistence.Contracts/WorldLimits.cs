namespace Aether.Persistence.Contracts;

/// <summary>
/// Limits of a world's settings: the operator refuses a spec beyond them, and the agent refuses to start. The CRD
/// states the same limits; tests of the operator compare the two.
/// </summary>
public static class WorldLimits
{
    /// <summary>Smallest segment of the log.</summary>
    public const long MinSegmentBytes = 1 << 20;

    /// <summary>Largest segment of the log.</summary>
    public const long MaxSegmentBytes = 1 << 30;

    /// <summary>Fewest segments for which the log must have room.</summary>
    public const int MinSegments = 4;

    /// <summary>Most snapshots that are kept.</summary>
    public const int MaxSnapshots = 100;

    /// <summary>
    /// Fewest snapshots with a recovery window: the newest, one older than the window, and its successor.
    /// </summary>
    public const int MinWindowSnapshots = 3;

    /// <summary>Shortest time between two flushes of Batched commits.</summary>
    public static readonly TimeSpan MinFlushInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Longest time between two flushes, and so the most that a crash may cost of acknowledged Batched commits.
    /// </summary>
    public static readonly TimeSpan MaxFlushInterval = TimeSpan.FromSeconds(10);

    /// <summary>Shortest lease: a shorter one would end during a pause of the server or the node.</summary>
    public static readonly TimeSpan MinLease = TimeSpan.FromSeconds(3);

    /// <summary>Longest lease, and so the longest that another volume waits for a writer that is gone.</summary>
    public static readonly TimeSpan MaxLease = TimeSpan.FromSeconds(60);

    /// <summary>Lowest limit of the journal's lag.</summary>
    public static readonly TimeSpan MinLagTime = TimeSpan.FromSeconds(1);

    /// <summary>Highest limit of the journal's lag.</summary>
    public static readonly TimeSpan MaxLagTime = TimeSpan.FromHours(24);

    /// <summary>Shortest time between two snapshots.</summary>
    public static readonly TimeSpan MinSnapshotInterval = TimeSpan.FromSeconds(1);

    /// <summary>Longest time between two snapshots.</summary>
    public static readonly TimeSpan MaxSnapshotInterval = TimeSpan.FromHours(24);

    /// <summary>Longest recovery window: a year.</summary>
    public static readonly TimeSpan MaxRecoveryWindow = TimeSpan.FromDays(365);
}
