namespace Aether.Agent.Json;

/// <summary>A key and its value in base64.</summary>
internal sealed record JsonEntry(string Kind, string Id, ReadOnlyMemory<byte> Value, ulong Version);
