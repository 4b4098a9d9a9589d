namespace Aether.Client;

/// <summary>
/// The agent's queue is full, or its log (spec.wal.maxBytes); or the world has handed over more than
/// <see cref="AetherWorldOptions.MaxUnansweredBytes"/> without awaiting answers. Nothing was applied; send again later.
/// </summary>
public sealed class AgentOverloadedException(string message, TimeSpan retryAfter, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>How long to wait at least.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
