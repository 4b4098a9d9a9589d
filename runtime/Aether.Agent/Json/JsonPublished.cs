namespace Aether.Agent.Json;

/// <summary>An event that was stored.</summary>
internal sealed record JsonPublished(ulong EventSequence);
