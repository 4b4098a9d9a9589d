namespace Aether.Persistence.State;

/// <summary>What a key holds.</summary>
/// <param name="Value">The bytes; they never change.</param>
/// <param name="Version">Sequence of the commit that last changed the key.</param>
public readonly record struct StateValue(ReadOnlyMemory<byte> Value, Sequence Version);
