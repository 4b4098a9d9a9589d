namespace Aether.TestServers.Certificates;

/// <summary>
/// Paths of a server's certificate (followed by its authority's), of its private key, and of the CAs of its clients.
/// </summary>
public sealed record CertificateFiles(string Certificate, string Key, string ClientAuthority)
{
    /// <summary>The paths in a server's folder.</summary>
    public static CertificateFiles In(string folder) => new(
        Path.Combine(folder, "serving.crt"),
        Path.Combine(folder, "serving.key"),
        Path.Combine(folder, "clients.crt"));
}
