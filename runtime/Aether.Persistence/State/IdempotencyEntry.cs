namespace Aether.Persistence.State;

/// <summary>A commit that carried an idempotency key.</summary>
/// <param name="Key">The key, in UTF-8.</param>
/// <param name="ContentHash">Hash of what it asked for.</param>
/// <param name="Sequence">Its position.</param>
/// <param name="Epoch">Its writer.</param>
/// <param name="CommittedAt">When, as the log has it.</param>
internal readonly record struct IdempotencyEntry(
    ReadOnlyMemory<byte> Key, UInt128 ContentHash, Sequence Sequence, Epoch Epoch, DateTimeOffset CommittedAt);
