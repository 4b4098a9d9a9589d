namespace Aether.Operator.Kinds;

/// <summary>One of the sentinels of a Redis.</summary>
internal sealed class RedisSentinelHost
{
    public string Host { get; set; } = "";

    public int Port { get; set; } = 26379;

    /// <summary>As <c>host:port</c>, an IPv6 address in brackets.</summary>
    public string Address() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
