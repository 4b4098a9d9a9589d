using System.Globalization;
using Aether.TestServers.Certificates;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>Redis with an append-only file and an ACL file, so that data and users survive a restart.</summary>
/// <param name="certificate">What it speaks TLS with, and then nothing else; null: no TLS.</param>
/// <param name="adminPassword">Password of the administrator, where servers share one; null: a new one.</param>
/// <param name="arguments">What else its command line says.</param>
public sealed class RedisServer(
    ServerCertificate? certificate = null, string? adminPassword = null, params string[] arguments)
    : TestServer("redis")
{
    /// <summary>Name of the user that may do everything.</summary>
    public string AdminUsername { get; } = "default";

    /// <summary>Password of <see cref="AdminUsername"/>.</summary>
    public string AdminPassword { get; } = adminPassword ?? Secrets.NewPassword();

    /// <summary><c>host:port</c>.</summary>
    public string Endpoint => $"{Host}:{Port}";

    /// <summary>The file ACL SAVE writes to.</summary>
    public string AclFile => Path.Combine(Folder, "users.acl");

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(AclFile, $"user default on >{AdminPassword} ~* &* +@all\n", cancellationToken);
        if (certificate is not null)
            await certificate.WriteAsync(Folder, cancellationToken);
    }

    /// <inheritdoc />
    protected override ProcessSpec Describe() => new()
    {
        Name = "redis",
        FileName = Binary.Find("redis-server", "redis-server"),
        Arguments =
        [
            "--bind", Host,
            .. Listening(),
            "--dir", Folder,
            "--aclfile", AclFile,
            "--appendonly", "yes",
            "--save", "",
            .. arguments,
        ],
        WorkingDirectory = Folder,
        LogDirectory = Folder,
    };

    /// <inheritdoc />
    protected override bool IsReady(string line) =>
        line.Contains("Ready to accept connections", StringComparison.Ordinal);

    private string[] Listening()
    {
        var port = Port.ToString(CultureInfo.InvariantCulture);
        var files = CertificateFiles.In(Folder);
        return certificate is null
            ? ["--port", port]
            :
            [
                "--port", "0", "--tls-port", port,
                "--tls-cert-file", files.Certificate, "--tls-key-file", files.Key,
                .. certificate.ClientAuthority is null
                    ? (string[])["--tls-auth-clients", "no"]
                    : ["--tls-auth-clients", "yes", "--tls-ca-cert-file", files.ClientAuthority],
            ];
    }
}
