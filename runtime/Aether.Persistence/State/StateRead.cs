namespace Aether.Persistence.State;

/// <summary>The answer to a read of one key.</summary>
/// <param name="Value">The value of the key, or null.</param>
/// <param name="AsOf">The last commit applied when the key was read.</param>
public readonly record struct StateRead(StateValue? Value, Sequence AsOf);
