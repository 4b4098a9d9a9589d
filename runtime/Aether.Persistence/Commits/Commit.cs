using Aether.Persistence.Contracts;

namespace Aether.Persistence.Commits;

/// <summary>1..n mutations, applied all or none, in their order.</summary>
/// <param name="Mutations">
/// The changes. A key may occur more than once; expected versions are judged beforehand.
/// </param>
/// <param name="Durability">When to acknowledge; null: the world's default.</param>
/// <param name="IdempotencyKey">A commit repeated with this key gets the first answer; null or empty: none.</param>
/// <param name="FirstSentAfter">
/// For one that is sent again: a place where the log was, at least, when it was first sent. It is refused if its key
/// could have been forgotten since. Null: it is applied when its key is not remembered, for whatever reason.
/// </param>
public sealed record Commit(
    IReadOnlyList<Mutation> Mutations,
    Durability? Durability = null,
    string? IdempotencyKey = null,
    LogPlace? FirstSentAfter = null);
