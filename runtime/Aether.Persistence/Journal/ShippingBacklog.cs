namespace Aether.Persistence.Journal;

/// <summary>What the log holds and the journal does not when a world is opened.</summary>
/// <param name="Replicated">The last commit in the journal.</param>
/// <param name="Last">The last commit in the log.</param>
/// <param name="Bytes">Bytes of the blocks that the journal lacks.</param>
/// <param name="Oldest">When the first of them was written; of no meaning if there is none.</param>
internal readonly record struct ShippingBacklog(Sequence Replicated, Sequence Last, long Bytes, DateTimeOffset Oldest);
