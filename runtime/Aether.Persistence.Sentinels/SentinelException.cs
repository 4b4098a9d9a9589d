using StackExchange.Redis;

namespace Aether.Persistence.Sentinels;

/// <summary>Sentinels did not name a primary, or named another server than the connection's.</summary>
public sealed class SentinelException : RedisException
{
    /// <summary>The message names the field to correct; the first cause becomes the inner exception.</summary>
    public SentinelException(SentinelFailure failure, string message, Exception? cause)
        : base(message, cause!) => Failure = failure;

    /// <summary>The reason.</summary>
    public SentinelFailure Failure { get; }

    /// <summary><c>host:port</c> of the sentinel that failed; null if the failure concerns all of them.</summary>
    public string? Sentinel { get; init; }
}
