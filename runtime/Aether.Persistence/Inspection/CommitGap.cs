namespace Aether.Persistence.Inspection;

/// <summary>
/// Commits that were never in a block: the block after the gap names the checksum of the block before the gap, so the
/// writer wrote the two in succession. Therefore the missing commits were never acknowledged as durable, whereas those
/// after the gap were.
/// </summary>
/// <param name="Missing">The missing commits.</param>
/// <param name="Following">The commits after the gap, up to the next damage or the end.</param>
public sealed record CommitGap(CommitRange Missing, CommitRange Following);
