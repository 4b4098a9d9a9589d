namespace Aether.Agent.Json;

/// <summary>A key and what it holds, base64.</summary>
internal sealed record JsonEntry(string Kind, string Id, ReadOnlyMemory<byte> Value, ulong Version);
