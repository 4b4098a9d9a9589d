using StackExchange.Redis;

namespace Aether.Persistence.Sentinels;

/// <summary>Sentinels did not name a primary, or not the one that a connection was about to be made to.</summary>
public sealed class SentinelException : RedisException
{
    /// <summary>With a reason, a sentence that names the field to correct, and the first of the causes.</summary>
    public SentinelException(SentinelFailure failure, string message, Exception? cause)
        : base(message, cause!) => Failure = failure;

    /// <summary>Why.</summary>
    public SentinelFailure Failure { get; }

    /// <summary><c>host:port</c> of the sentinel it is about; null if it is about all of them.</summary>
    public string? Sentinel { get; init; }
}
