namespace Aether.TestServers.Certificates;

/// <summary>
/// Certificate and key of a client, as in a Secret of type kubernetes.io/tls. A class, so that no code prints the key.
/// </summary>
public sealed class ClientFiles(string certificate, string key)
{
    /// <summary>Content of tls.crt.</summary>
    public string Certificate { get; } = certificate;

    /// <summary>Content of tls.key.</summary>
    public string Key { get; } = key;
}
