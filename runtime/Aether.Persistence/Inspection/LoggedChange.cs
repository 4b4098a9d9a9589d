namespace Aether.Persistence.Inspection;

/// <summary>What a commit does to one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its new value; null: the key goes.</param>
public sealed record LoggedChange(StateKey Key, ReadOnlyMemory<byte>? Value);
