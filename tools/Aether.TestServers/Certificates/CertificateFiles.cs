namespace Aether.TestServers.Certificates;

/// <summary>
/// Paths of a server's certificate, with its authority's behind it, of its private key, and of the CAs of its clients.
/// </summary>
public sealed record CertificateFiles(string Certificate, string Key, string ClientAuthority)
{
    /// <summary>Where they lie in a server's folder.</summary>
    public static CertificateFiles In(string folder) => new(
        Path.Combine(folder, "serving.crt"),
        Path.Combine(folder, "serving.key"),
        Path.Combine(folder, "clients.crt"));
}
