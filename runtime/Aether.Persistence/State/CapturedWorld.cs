namespace Aether.Persistence.State;

/// <summary>Everything that a snapshot holds.</summary>
/// <param name="View">The state.</param>
/// <param name="IdempotencyKeys">The remembered idempotency keys, oldest first.</param>
/// <param name="Forgotten">The last commit whose idempotency key was forgotten.</param>
/// <param name="CommittedAt">Time of the last commit.</param>
internal sealed record CapturedWorld(
    StateView View,
    IReadOnlyList<IdempotencyEntry> IdempotencyKeys,
    LogPlace Forgotten,
    DateTimeOffset CommittedAt);
