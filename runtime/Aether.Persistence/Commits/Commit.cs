using Aether.Persistence.Contracts;

namespace Aether.Persistence.Commits;

/// <summary>1 to 4096 mutations, applied together or not at all, in their order.</summary>
/// <param name="Mutations">
/// The changes. A key may occur more than once; expected versions are compared with the state before the commit.
/// </param>
/// <param name="Durability">When to acknowledge; null: the world's default.</param>
/// <param name="IdempotencyKey">
/// A commit that is repeated with this key gets the first answer. Null or empty: no key.
/// </param>
/// <param name="FirstSentAfter">
/// For a commit that is sent again: a place that the log had reached before the commit was first sent. The commit is
/// refused if its key may have been forgotten since then. Null: the commit is applied whenever its key is not
/// remembered.
/// </param>
public sealed record Commit(
    IReadOnlyList<Mutation> Mutations,
    Durability? Durability = null,
    string? IdempotencyKey = null,
    LogPlace? FirstSentAfter = null);
