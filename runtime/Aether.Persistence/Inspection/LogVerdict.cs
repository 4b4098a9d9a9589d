using Aether.Persistence.State;

namespace Aether.Persistence.Inspection;

/// <summary>What a verification of a log proved.</summary>
public sealed record LogVerdict
{
    /// <summary>Its segments.</summary>
    public required IReadOnlyList<SegmentReport> Segments { get; init; }

    /// <summary>Each place where it is damaged; none: an agent starts on it.</summary>
    public required IReadOnlyList<LogDamage> Damages { get; init; }

    /// <summary>Commits that were in no block, so never acknowledged, with acknowledged ones behind them.</summary>
    public required IReadOnlyList<CommitGap> Gaps { get; init; }

    /// <summary>Its first commit; <see cref="Sequence.None"/>: it holds none.</summary>
    public required Sequence First { get; init; }

    /// <summary>The last commit up to which it is sound without a gap.</summary>
    public required Sequence SoundThrough { get; init; }

    /// <summary>How the state was rebuilt.</summary>
    public required LogProof Proof { get; init; }

    /// <summary>The snapshot that the replay began with, or <see cref="Sequence.None"/>.</summary>
    public required Sequence Snapshot { get; init; }

    /// <summary>Commits replayed; after each block the digest was as its writer recorded it.</summary>
    public required ulong Replayed { get; init; }

    /// <summary>The last commit of the state that was rebuilt.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>Its digest.</summary>
    public required StateDigest Digest { get; init; }

    /// <summary>Its keys.</summary>
    public required int Keys { get; init; }

    /// <summary>Damaged files of the volume beside the log and the snapshots: no agent starts on them.</summary>
    public required IReadOnlyList<VolumeDamagedException> DamagedFiles { get; init; }

    /// <summary>Whether an agent starts on the volume.</summary>
    public bool IsSound => Damages.Count == 0 && DamagedFiles.Count == 0;

    /// <summary>Snapshots on the volume that are damaged.</summary>
    public required IReadOnlyList<SnapshotReport> DamagedSnapshots { get; init; }
}
