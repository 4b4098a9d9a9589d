namespace Aether.TestServers.Certificates;

/// <summary>Paths of a server's certificate, with its authority's behind it, and of its private key.</summary>
public sealed record CertificateFiles(string Certificate, string Key)
{
    /// <summary>Where they lie in a server's folder.</summary>
    public static CertificateFiles In(string folder) =>
        new(Path.Combine(folder, "serving.crt"), Path.Combine(folder, "serving.key"));
}
