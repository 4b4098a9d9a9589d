namespace Aether.Operator.Kinds;

/// <summary>One sentinel of a Redis.</summary>
internal sealed class RedisSentinelHost
{
    public string Host { get; set; } = "";

    public int Port { get; set; } = 26379;

    /// <summary>The address as <c>host:port</c>, with brackets around an IPv6 address.</summary>
    public string Address() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
