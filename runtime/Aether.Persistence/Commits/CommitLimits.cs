namespace Aether.Persistence.Commits;

/// <summary>Limits of one commit.</summary>
public static class CommitLimits
{
    /// <summary>Most mutations.</summary>
    public const int MaxMutations = 4096;

    /// <summary>Most bytes of one value.</summary>
    public const int MaxValueBytes = 1 << 20;

    /// <summary>Most bytes of all keys and values of a commit together.</summary>
    public const int MaxCommitBytes = 4 << 20;

    /// <summary>Most bytes of UTF-8 in an idempotency key.</summary>
    public const int MaxIdempotencyKeyBytes = 128;
}
