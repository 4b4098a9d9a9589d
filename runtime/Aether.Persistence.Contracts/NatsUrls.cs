namespace Aether.Persistence.Contracts;

/// <summary>What URLs of NATS servers say of the way there.</summary>
public static class NatsUrls
{
    private const string Tls = "tls://";
    private const int DefaultPort = 4222;

    /// <summary>Whether one of them asks for TLS.</summary>
    public static bool AskForTls(IEnumerable<string> urls) =>
        urls.Any(url => url.StartsWith(Tls, StringComparison.Ordinal));

    /// <summary>The servers as hosts with ports.</summary>
    public static IEnumerable<string> HostsOf(IEnumerable<string> urls) => urls
        .Select(url => new Uri(url.Contains("://", StringComparison.Ordinal) ? url : Tls + url))
        .Select(url => $"{url.Host}:{(url.Port < 0 ? DefaultPort : url.Port)}");
}
