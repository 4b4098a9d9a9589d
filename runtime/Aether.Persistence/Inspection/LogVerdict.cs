using Aether.Persistence.State;

namespace Aether.Persistence.Inspection;

/// <summary>What a verification of a log proved.</summary>
public sealed record LogVerdict
{
    /// <summary>Its segments.</summary>
    public required IReadOnlyList<SegmentReport> Segments { get; init; }

    /// <summary>Each place where the log is damaged. If there is none, an agent starts on the log.</summary>
    public required IReadOnlyList<LogDamage> Damages { get; init; }

    /// <summary>Commits that were in no block and so never acknowledged, though later ones were.</summary>
    public required IReadOnlyList<CommitGap> Gaps { get; init; }

    /// <summary>The first commit; <see cref="Sequence.None"/> if the log holds none.</summary>
    public required Sequence First { get; init; }

    /// <summary>The last commit up to which the log is sound and has no gap.</summary>
    public required Sequence SoundThrough { get; init; }

    /// <summary>How much the replay proved.</summary>
    public required LogProof Proof { get; init; }

    /// <summary>The snapshot that the replay started with, or <see cref="Sequence.None"/>.</summary>
    public required Sequence Snapshot { get; init; }

    /// <summary>
    /// Commits replayed; after each block the digest equalled the digest that the writer had recorded.
    /// </summary>
    public required ulong Replayed { get; init; }

    /// <summary>The last commit of the rebuilt state.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>Digest of the rebuilt state.</summary>
    public required StateDigest Digest { get; init; }

    /// <summary>Number of keys in the rebuilt state.</summary>
    public required int Keys { get; init; }

    /// <summary>Damaged files on the volume besides log and snapshots. No agent starts while there are any.</summary>
    public required IReadOnlyList<VolumeDamagedException> DamagedFiles { get; init; }

    /// <summary>Whether an agent starts on the volume.</summary>
    public bool IsSound => Damages.Count == 0 && DamagedFiles.Count == 0;

    /// <summary>Damaged snapshots on the volume.</summary>
    public required IReadOnlyList<SnapshotReport> DamagedSnapshots { get; init; }
}
