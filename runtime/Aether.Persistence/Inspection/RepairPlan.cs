namespace Aether.Persistence.Inspection;

/// <summary>What a repair of a log would do, and what it would cost.</summary>
public sealed record RepairPlan
{
    /// <summary>What is wrong; none: there is nothing to repair.</summary>
    public required IReadOnlyList<LogDamage> Damages { get; init; }

    /// <summary>Commits that were in no block, so never acknowledged, with acknowledged ones behind them.</summary>
    public required IReadOnlyList<CommitGap> Gaps { get; init; }

    /// <summary>Which part stays.</summary>
    public required RepairKeep Keep { get; init; }

    /// <summary>The commits that stay on the volume; null: none.</summary>
    public required CommitRange? Kept { get; init; }

    /// <summary>The commits that the log held, or should have held, and will not hold any more.</summary>
    public required IReadOnlyList<CommitRange> Missing { get; init; }

    /// <summary>Whether there may have been later ones, in bytes that cannot be read.</summary>
    public required bool MayMissMore { get; init; }

    /// <summary>
    /// The commits that would stay if the other part were kept; null: there is none, or it is the same.
    /// </summary>
    public required CommitRange? Alternative { get; init; }

    /// <summary>
    /// The newest usable snapshot on the volume, which holds the state up to its commit; or
    /// <see cref="Sequence.None"/>.
    /// </summary>
    public required Sequence Snapshot { get; init; }

    /// <summary>Whether that snapshot and what stays make up the whole state, with nothing lost.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The files that are touched; nothing is deleted.</summary>
    public required IReadOnlyList<RepairStep> Steps { get; init; }
}
