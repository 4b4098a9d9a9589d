namespace Aether.Client;

/// <summary>An acknowledged commit.</summary>
/// <param name="Sequence">Its place in the log, and the version of every key it changed.</param>
/// <param name="Epoch">Epoch of the agent that applied it.</param>
/// <param name="Durability">The level reached, which is at least the requested one.</param>
/// <param name="Repeated">True if an earlier attempt with this idempotency key had already been applied.</param>
public sealed record WorldCommitted(ulong Sequence, ulong Epoch, WorldDurability Durability, bool Repeated);
