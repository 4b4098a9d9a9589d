namespace Aether.Persistence;

/// <summary>An idempotency key was used before for another commit: a defect of the caller.</summary>
public sealed class IdempotencyConflictException(string idempotencyKey, Sequence first)
    : CommitRejectedException(
        $"Idempotency key '{idempotencyKey}' was used by commit {first} with other content. Use a new key per commit.")
{
    /// <summary>The key.</summary>
    public string IdempotencyKey { get; } = idempotencyKey;

    /// <summary>The commit that used it first.</summary>
    public Sequence First { get; } = first;
}
