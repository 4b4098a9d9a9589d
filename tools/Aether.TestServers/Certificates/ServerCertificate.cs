namespace Aether.TestServers.Certificates;

/// <summary>What a server shows and proves itself by. A class, so that nothing prints the key.</summary>
public sealed class ServerCertificate(string chain, string key)
{
    /// <summary>The CAs by one of which clients must come, as PEM; null: clients need no certificate.</summary>
    public string? ClientAuthority { get; private init; }

    /// <summary>The same for a server that lets nobody in without a certificate of one of these CAs.</summary>
    public ServerCertificate WithClientsOf(params TestAuthority[] authorities) => new(chain, key)
    {
        ClientAuthority = string.Join('\n', authorities.Select(authority => authority.Pem)),
    };

    /// <summary>Writes all to a server's folder.</summary>
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
