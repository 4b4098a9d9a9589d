using Aether.Persistence.Contracts;

namespace Aether.Persistence.Commits;

/// <summary>The acknowledgement of a commit.</summary>
/// <param name="Sequence">Its position in the log.</param>
/// <param name="Epoch">Epoch of the writer that first applied it.</param>
/// <param name="Durability">The level reached, which is at least the requested one.</param>
/// <param name="Repeated">Whether an earlier commit with the same idempotency key had already been applied.</param>
public readonly record struct CommitResult(Sequence Sequence, Epoch Epoch, Durability Durability, bool Repeated);
