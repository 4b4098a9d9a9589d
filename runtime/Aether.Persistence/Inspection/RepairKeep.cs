namespace Aether.Persistence.Inspection;

/// <summary>
/// Which part of a damaged log stays on the volume. A log must not have gaps, so the parts before and after the damage
/// cannot both stay, unless the commits missing between them were in no block.
/// </summary>
public enum RepairKeep
{
    /// <summary>The sound blocks from the beginning of the log on.</summary>
    Before,

    /// <summary>
    /// The sound blocks up to the end of the log, which only this volume may hold. The rest must be in the journal or
    /// in a snapshot.
    /// </summary>
    After,

    /// <summary>
    /// The whole log, if the only thing missing is commits that were in no block (<see cref="CommitGap"/>): each is
    /// replaced by a commit that changes nothing.
    /// </summary>
    Both,
}
