namespace Aether.TestServers.Certificates;

/// <summary>What a server shows and proves itself by. A class, so that nothing prints the key.</summary>
public sealed class ServerCertificate(string chain, string key)
{
    /// <summary>Writes both to a server's folder.</summary>
    public async Task<CertificateFiles> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var files = CertificateFiles.In(folder);
        await File.WriteAllTextAsync(files.Certificate, chain, cancellationToken);
        await File.WriteAllTextAsync(files.Key, key, cancellationToken);
        return files;
    }
}
