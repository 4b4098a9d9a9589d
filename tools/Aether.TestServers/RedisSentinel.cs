using Aether.TestServers.Certificates;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>A sentinel that watches one primary, or none.</summary>
/// <param name="primary">The primary to watch; null: none.</param>
/// <param name="name">Name of the primary in its configuration.</param>
/// <param name="quorum">How many sentinels must miss the primary.</param>
/// <param name="password">Password for clients and other sentinels; null: none.</param>
/// <param name="certificate">Certificate for TLS, as a peer of the watched servers; null: no TLS.</param>
public sealed class RedisSentinel(
    RedisServer? primary = null,
    string name = "worlds",
    int quorum = 1,
    string? password = null,
    ServerCertificate? certificate = null)
    : TestServer("sentinel")
{
    /// <summary>Name of the watched primary.</summary>
    public string MasterName { get; } = name;

    /// <summary><c>host:port</c>.</summary>
    public string Endpoint => $"{Host}:{Port}";

    private string Configuration => Path.Combine(Folder, "sentinel.conf");

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            Configuration,
            (password is null ? "" : $"requirepass {password}\n") + (primary is null ? "" :
                $"""
                sentinel monitor {MasterName} {primary.Host} {primary.Port} {quorum}
                sentinel auth-pass {MasterName} {primary.AdminPassword}
                sentinel down-after-milliseconds {MasterName} 1000
                sentinel failover-timeout {MasterName} 3000

                """),
            cancellationToken);
        if (certificate is not null)
            await certificate.WriteAsync(Folder, cancellationToken);
    }

    /// <inheritdoc />
    protected override ProcessSpec Describe() => new()
    {
        Name = "sentinel",
        FileName = Binary.Find("redis-server", "redis-server"),
        Arguments =
        [
            Configuration, "--sentinel", "--bind", Host, .. RedisTls.Listen(Port, certificate, Folder),
            "--dir", Folder,
        ],
        WorkingDirectory = Folder,
        LogDirectory = Folder,
    };

    /// <inheritdoc />
    protected override bool IsReady(string line) => line.Contains("Sentinel ID is", StringComparison.Ordinal);
}
