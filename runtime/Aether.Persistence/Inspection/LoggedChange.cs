namespace Aether.Persistence.Inspection;

/// <summary>What a commit does to one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The new value; null if the key is removed.</param>
public sealed record LoggedChange(StateKey Key, ReadOnlyMemory<byte>? Value);
