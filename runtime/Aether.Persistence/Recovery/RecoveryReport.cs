namespace Aether.Persistence.Recovery;

/// <summary>How a world was recovered.</summary>
public sealed record RecoveryReport
{
    /// <summary>Sequence of the snapshot that the recovery started with, or <see cref="Sequence.None"/>.</summary>
    public required Sequence SnapshotSequence { get; init; }

    /// <summary>Newer snapshots that could not be used, each with the reason.</summary>
    public required IReadOnlyList<string> SkippedSnapshots { get; init; }

    /// <summary>Commits replayed from the journal.</summary>
    public required ulong ReplayedFromJournal { get; init; }

    /// <summary>Commits replayed from the volume's own log.</summary>
    public required ulong ReplayedFromVolume { get; init; }

    /// <summary>
    /// Commits of this volume without which another writer had continued: kept in the folder "diverged", never merged.
    /// </summary>
    public required ulong Diverged { get; init; }

    /// <summary>Bytes of an incomplete block at the log's end that were cut off; never acknowledged.</summary>
    public required long TornBytes { get; init; }

    /// <summary>Time from taking the lease to the complete state.</summary>
    public required TimeSpan Duration { get; init; }
}
