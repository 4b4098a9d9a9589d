namespace Aether.Persistence.Inspection;

/// <summary>
/// Which part of a damaged log stays on the volume. A log has no gaps, so it cannot be both, unless what is missing
/// between them never was a commit.
/// </summary>
public enum RepairKeep
{
    /// <summary>What is sound from its beginning on.</summary>
    Before,

    /// <summary>
    /// What is sound up to its end: what only this volume may have, if the rest is in journal or snapshot.
    /// </summary>
    After,

    /// <summary>
    /// All of a log that lacks nothing but commits that were never in a block (<see cref="CommitGap"/>): each of these
    /// is filled by a commit that changes nothing.
    /// </summary>
    Both,
}
