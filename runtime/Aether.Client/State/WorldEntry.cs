namespace Aether.Client;

/// <summary>A key that exists.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Version">Sequence of the commit that last changed the key; a later commit may expect it.</param>
public sealed record WorldEntry(WorldKey Key, ReadOnlyMemory<byte> Value, ulong Version);
