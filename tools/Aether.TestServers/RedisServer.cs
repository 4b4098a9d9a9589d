using System.Globalization;
using Aether.TestServers.Certificates;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>Redis with an append-only file and an ACL file, so that data and users survive a restart.</summary>
/// <param name="certificate">Certificate for TLS, which is then required; null: no TLS.</param>
/// <param name="adminPassword">Password of the administrator, if servers share one; null: a new one.</param>
/// <param name="arguments">More arguments for its command line.</param>
public sealed class RedisServer(
    ServerCertificate? certificate = null, string? adminPassword = null, params string[] arguments)
    : TestServer("redis")
{
    /// <summary>Name of the user with all permissions.</summary>
    public string AdminUsername { get; } = "default";

    /// <summary>Password of <see cref="AdminUsername"/>.</summary>
    public string AdminPassword { get; } = adminPassword ?? Secrets.NewPassword();

    /// <summary><c>host:port</c>.</summary>
    public string Endpoint => $"{Host}:{Port}";

    /// <summary>The file of ACL SAVE.</summary>
    public string AclFile => Path.Combine(Folder, "users.acl");

    /// <summary>Sends one command as the administrator, by redis-cli; returns the printed answer.</summary>
    /// <remarks>If the server requires client certificates, its own certificate must be a peer's.</remarks>
    /// <exception cref="ProcessExitedException">The server does not answer, or the answer is an error.</exception>
    public async Task<string> ExecuteAsync(CancellationToken cancellationToken, params IEnumerable<string> command)
    {
        var files = CertificateFiles.In(Folder);
        var lines = await ProcessHost.RunAsync(
            new ProcessSpec
            {
                Name = "redis-cli",
                FileName = Binary.Find("redis-cli", "redis-tools"),
                Arguments =
                [
                    "-h", Host, "-p", Port.ToString(CultureInfo.InvariantCulture), "-e",
                    .. certificate is null
                        ? (string[])[]
                        : ["--tls", "--insecure", "--cert", files.Certificate, "--key", files.Key],
                    .. command,
                ],
                WorkingDirectory = Folder,
                LogDirectory = Folder,
                Environment = new Dictionary<string, string> { ["REDISCLI_AUTH"] = AdminPassword },
            },
            cancellationToken);
        return string.Join('\n', lines);
    }

    /// <summary>Makes it a replica of another server.</summary>
    public Task ReplicateAsync(RedisServer primary, CancellationToken cancellationToken) =>
        ExecuteAsync(cancellationToken, "REPLICAOF", primary.Host, $"{primary.Port}");

    /// <summary>Presents another certificate from the next connection on; open connections keep theirs.</summary>
    public async Task UseCertificateAsync(ServerCertificate next, CancellationToken cancellationToken)
    {
        // The command itself uses the former certificate, which stays in its place until then.
        var files = await next.WriteAsync(
            Directory.CreateDirectory(Path.Combine(Folder, "next")).FullName, cancellationToken);
        await ExecuteAsync(
            cancellationToken,
            [
                "CONFIG", "SET", "tls-cert-file", files.Certificate, "tls-key-file", files.Key,
                .. next.ClientAuthority is null ? (string[])[] : ["tls-ca-cert-file", files.ClientAuthority],
            ]);
        await next.WriteAsync(Folder, cancellationToken);
    }

    /// <summary>Closes the connections of a user.</summary>
    public Task EndConnectionsAsync(string user, CancellationToken cancellationToken) =>
        ExecuteAsync(cancellationToken, "CLIENT", "KILL", "USER", user);

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
            .. RedisTls.Listen(Port, certificate, Folder),
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
}
