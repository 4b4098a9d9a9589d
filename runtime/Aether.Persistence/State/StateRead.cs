namespace Aether.Persistence.State;

/// <summary>The answer to a read of one key.</summary>
/// <param name="Value">What the key held, or null.</param>
/// <param name="AsOf">The last commit applied when it was read.</param>
public readonly record struct StateRead(StateValue? Value, Sequence AsOf);
