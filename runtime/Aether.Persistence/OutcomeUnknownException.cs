namespace Aether.Persistence;

/// <summary>
/// A commit that was sent again may have been applied the first time: its idempotency key is not remembered, but
/// could have been forgotten meanwhile. It was not applied now.
/// </summary>
public sealed class OutcomeUnknownException(string idempotencyKey, LogPlace firstSentAfter, LogPlace forgotten)
    : CommitRejectedException(
        $"Idempotency key '{idempotencyKey}' is not remembered, and keys up to commit {forgotten} were forgotten since "
        + $"it was first sent, after commit {firstSentAfter}: it may have been applied. Nothing was applied now. Read "
        + "what it changes, and commit under a new key what is missing.")
{
    /// <summary>The key.</summary>
    public string IdempotencyKey { get; } = idempotencyKey;
}
