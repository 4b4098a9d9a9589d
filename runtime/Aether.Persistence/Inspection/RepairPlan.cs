namespace Aether.Persistence.Inspection;

/// <summary>What a repair of a log would do and lose.</summary>
public sealed record RepairPlan
{
    /// <summary>What is wrong; if empty, there is nothing to repair.</summary>
    public required IReadOnlyList<LogDamage> Damages { get; init; }

    /// <summary>Commits that were in no block and so never acknowledged, though later ones were.</summary>
    public required IReadOnlyList<CommitGap> Gaps { get; init; }

    /// <summary>The part that stays.</summary>
    public required RepairKeep Keep { get; init; }

    /// <summary>The commits that stay on the volume; null if there are none.</summary>
    public required CommitRange? Kept { get; init; }

    /// <summary>The commits that the log held, or should have held, and will lose.</summary>
    public required IReadOnlyList<CommitRange> Missing { get; init; }

    /// <summary>Whether unreadable bytes may have held later commits, too.</summary>
    public required bool MayMissMore { get; init; }

    /// <summary>
    /// The commits that would stay if the other part were kept; null if there is no other part or it is the same.
    /// </summary>
    public required CommitRange? Alternative { get; init; }

    /// <summary>Commit of the newest usable snapshot on the volume, or <see cref="Sequence.None"/>.</summary>
    public required Sequence Snapshot { get; init; }

    /// <summary>Whether that snapshot and the remaining log make up the whole state, with nothing lost.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>The affected files; none is deleted.</summary>
    public required IReadOnlyList<RepairStep> Steps { get; init; }
}
