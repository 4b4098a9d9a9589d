using System.Net;

namespace Aether.ControllerRuntime;

/// <summary>
/// The proxy to the API server, chosen as kubectl does: from HTTPS_PROXY or HTTP_PROXY by the server's scheme, and
/// NO_PROXY, each also in lower case.
/// </summary>
internal sealed class EnvironmentProxy : IWebProxy
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly NoProxyList _direct;

    /// <param name="environment">Returns the value of a variable; null if it is not set.</param>
    /// <exception cref="ArgumentException">A variable does not hold the address of a proxy.</exception>
    public EnvironmentProxy(Func<string, string?> environment)
    {
        _http = Parse("HTTP_PROXY");
        _https = Parse("HTTPS_PROXY");
        _direct = new NoProxyList(Value("NO_PROXY"));
        var authority = _https?.UserInfo is { Length: > 0 } user ? user : _http?.UserInfo;
        Credentials = authority is { Length: > 0 } ? Login(authority) : null;

        string? Value(string name) => environment(name) is { Length: > 0 } value
            ? value
            : environment(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;

        Uri? Parse(string name) => Value(name) is { } value ? Address(name, value) : null;
    }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) =>
        _direct.Contains(destination) ? null : destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    // An address without a scheme means an HTTP proxy.
    private static Uri Address(string name, string value)
    {
        var text = value.Contains("://", StringComparison.Ordinal) ? value : "http://" + value;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Host.Length > 0
            && address.Scheme is "http" or "https" or "socks5" or "socks5h"
            ? address.Scheme == "socks5h" ? new UriBuilder(address) { Scheme = "socks5" }.Uri : address
            : throw new ArgumentException(
                $"The environment variable {name} is not the address of a proxy: write it as http://host:port, or "
                + "unset it. (Its value is not shown, since it may hold a password.)");
    }

    private static NetworkCredential Login(string authority)
    {
        var parts = authority.Split(':', 2);
        return new NetworkCredential(
            Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
