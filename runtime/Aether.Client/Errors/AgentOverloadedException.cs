namespace Aether.Client;

/// <summary>
/// The agent's queue is full, or its log (spec.wal.maxBytes); or this process has more than
/// <see cref="AetherWorldOptions.MaxUnansweredBytes"/> of commits without an answer. Nothing was applied; send the
/// commit again later.
/// </summary>
public sealed class AgentOverloadedException(string message, TimeSpan retryAfter, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>Shortest time to wait.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
