namespace Aether.Persistence.Contracts;

/// <summary>Interprets URLs of NATS servers.</summary>
public static class NatsUrls
{
    private const string Tls = "tls://";
    private const int DefaultPort = 4222;

    /// <summary>Whether one of the URLs asks for TLS.</summary>
    public static bool AskForTls(IEnumerable<string> urls) =>
        urls.Any(url => url.StartsWith(Tls, StringComparison.Ordinal));

    /// <summary>The servers as hosts with ports.</summary>
    public static IEnumerable<string> HostsOf(IEnumerable<string> urls) => urls
        .Select(url => new Uri(url.Contains("://", StringComparison.Ordinal) ? url : Tls + url))
        .Select(url => $"{url.Host}:{(url.Port < 0 ? DefaultPort : url.Port)}");
}
