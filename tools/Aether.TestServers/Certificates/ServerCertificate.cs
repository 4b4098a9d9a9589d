namespace Aether.TestServers.Certificates;

/// <summary>Certificate and key of a server. A class, so that no code prints the key.</summary>
public sealed class ServerCertificate(string chain, string key)
{
    /// <summary>
    /// The CAs that must have issued the clients' certificates, as PEM; null: clients need no certificate.
    /// </summary>
    public string? ClientAuthority { get; private init; }

    /// <summary>The same certificate, for a server that requires a client certificate from one of these CAs.</summary>
    public ServerCertificate WithClientsOf(params TestAuthority[] authorities) => new(chain, key)
    {
        ClientAuthority = string.Join('\n', authorities.Select(authority => authority.Pem)),
    };

    /// <summary>Writes the files to a server's folder.</summary>
    public async Task<CertificateFiles> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var files = CertificateFiles.In(folder);
        await File.WriteAllTextAsync(files.Certificate, chain, cancellationToken);
        await File.WriteAllTextAsync(files.Key, key, cancellationToken);
        if (ClientAuthority is not null)
            await File.WriteAllTextAsync(files.ClientAuthority, ClientAuthority, cancellationToken);
        return files;
    }
}
