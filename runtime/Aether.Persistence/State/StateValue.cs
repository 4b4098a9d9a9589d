namespace Aether.Persistence.State;

/// <summary>The value of a key.</summary>
/// <param name="Value">The bytes; they never change.</param>
/// <param name="Version">Sequence of the commit that last changed the key.</param>
public readonly record struct StateValue(ReadOnlyMemory<byte> Value, Sequence Version);
