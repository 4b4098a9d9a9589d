namespace Aether.TestServers.Certificates;

/// <summary>
/// What a client presents and proves itself by, as a Secret of type kubernetes.io/tls holds it. A class, so that
/// nothing prints the key.
/// </summary>
public sealed class ClientFiles(string certificate, string key)
{
    /// <summary>Content of tls.crt.</summary>
    public string Certificate { get; } = certificate;

    /// <summary>Content of tls.key.</summary>
    public string Key { get; } = key;
}
