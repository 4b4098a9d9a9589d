namespace Aether.Persistence.Inspection;

/// <summary>
/// Commits that were never in a block: the writer wrote the block behind the gap right after the one before it, as the
/// checksum shows that it names. So nobody was told that they are durable, and what follows was acknowledged.
/// </summary>
/// <param name="Missing">The commits that are in no block.</param>
/// <param name="Following">The commits behind them, up to the next damage or the end.</param>
public sealed record CommitGap(CommitRange Missing, CommitRange Following);
