namespace Aether.Persistence;

/// <summary>
/// A commit that was sent again may have been applied the first time: its idempotency key is not remembered, but may
/// have been forgotten meanwhile. The commit was not applied now.
/// </summary>
public sealed class OutcomeUnknownException(string idempotencyKey, LogPlace firstSentAfter, LogPlace forgotten)
    : CommitRejectedException(
        $"Idempotency key '{idempotencyKey}' is not remembered, and keys up to commit {forgotten} were forgotten since "
        + $"the commit was first sent, after commit {firstSentAfter}: it may have been applied then. It was not "
        + "applied now. Read the keys that it changes, and commit the missing changes under a new key.")
{
    /// <summary>The key.</summary>
    public string IdempotencyKey { get; } = idempotencyKey;
}
