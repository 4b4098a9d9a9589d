namespace Aether.Client;

/// <summary>The agent's queue is full, or its log (spec.wal.maxBytes). Nothing was applied; send again later.</summary>
public sealed class AgentOverloadedException(string message, TimeSpan retryAfter, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>How long the agent asks to wait.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
