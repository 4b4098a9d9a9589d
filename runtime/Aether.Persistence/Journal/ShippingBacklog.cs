namespace Aether.Persistence.Journal;

/// <summary>The blocks that the log holds and the journal lacks when a world is opened.</summary>
/// <param name="Replicated">The last commit in the journal.</param>
/// <param name="Last">The last commit in the log.</param>
/// <param name="Bytes">Bytes of those blocks.</param>
/// <param name="Oldest">When the first of those blocks was written; meaningless if there is none.</param>
internal readonly record struct ShippingBacklog(Sequence Replicated, Sequence Last, long Bytes, DateTimeOffset Oldest);
