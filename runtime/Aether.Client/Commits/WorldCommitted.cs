namespace Aether.Client;

/// <summary>An acknowledged commit.</summary>
/// <param name="Sequence">Its place in the log, and the version of every key it changed.</param>
/// <param name="Epoch">Epoch of the agent that applied it.</param>
/// <param name="Durability">The level reached; at least the one asked for.</param>
/// <param name="Repeated">True when an earlier attempt with this idempotency key had already been applied.</param>
public sealed record WorldCommitted(ulong Sequence, ulong Epoch, WorldDurability Durability, bool Repeated);
