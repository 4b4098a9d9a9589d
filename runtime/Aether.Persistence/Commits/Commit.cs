namespace Aether.Persistence.Commits;

/// <summary>1..n mutations, applied all or none, in their order.</summary>
/// <param name="Mutations">
/// The changes. A key may occur more than once; expected versions are judged beforehand.
/// </param>
/// <param name="Durability">When to acknowledge; null: the world's default.</param>
/// <param name="IdempotencyKey">A commit repeated with this key gets the first answer; null or empty: none.</param>
public sealed record Commit(
    IReadOnlyList<Mutation> Mutations, Durability? Durability = null, string? IdempotencyKey = null);
