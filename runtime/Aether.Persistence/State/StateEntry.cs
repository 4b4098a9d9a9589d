namespace Aether.Persistence.State;

/// <summary>A key and its value.</summary>
public readonly record struct StateEntry(StateKey Key, StateValue Value);
