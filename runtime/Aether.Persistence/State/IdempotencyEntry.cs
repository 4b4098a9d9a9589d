namespace Aether.Persistence.State;

/// <summary>A commit with an idempotency key.</summary>
/// <param name="Key">The key, in UTF-8.</param>
/// <param name="ContentHash">Hash of its content.</param>
/// <param name="Sequence">Its position.</param>
/// <param name="Epoch">Epoch of its writer.</param>
/// <param name="CommittedAt">Its time in the log.</param>
internal readonly record struct IdempotencyEntry(
    ReadOnlyMemory<byte> Key, UInt128 ContentHash, Sequence Sequence, Epoch Epoch, DateTimeOffset CommittedAt);
