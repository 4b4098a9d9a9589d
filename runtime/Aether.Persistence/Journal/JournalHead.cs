using Aether.Persistence.State;

namespace Aether.Persistence.Journal;

/// <summary>Where a journal ends.</summary>
/// <param name="Last">The last sequence stored, or <see cref="Sequence.None"/>.</param>
/// <param name="Epoch">Epoch of the block that holds it, or <see cref="Epoch.None"/>.</param>
/// <param name="Digest">Digest of the state after that commit.</param>
public sealed record JournalHead(Sequence Last, Epoch Epoch, StateDigest Digest);
