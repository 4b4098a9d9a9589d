namespace Aether.Persistence.State;

/// <summary>A key and what it holds.</summary>
public readonly record struct StateEntry(StateKey Key, StateValue Value);
