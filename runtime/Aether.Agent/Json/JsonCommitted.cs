using Aether.Persistence.Contracts;

namespace Aether.Agent.Json;

/// <summary>An acknowledged commit.</summary>
internal sealed record JsonCommitted(ulong Sequence, ulong Epoch, Durability Durability, bool Repeated);
