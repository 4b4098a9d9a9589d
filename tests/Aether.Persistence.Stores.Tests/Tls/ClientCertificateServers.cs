using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>
/// Servers of a private CA that require client certificates of another private CA; some of them support TLS only up to
/// 1.2, for which nats-server has no setting.
/// </summary>
public sealed class ClientCertificateServers : TlsStores
{
    /// <summary>Role of PostgreSQL that needs its own certificate in addition to the password.</summary>
    public const string Role = "games";

    /// <summary>Role of PostgreSQL that logs in with a certificate only.</summary>
    public const string CertifiedRole = "certified";

    private readonly PostgresServer _olderPostgres;
    private readonly RedisServer _olderRedis;

    public ClientCertificateServers()
        : base(
            certifiesClients: true,
            "host all postgres all scram-sha-256",
            $"hostssl all {Role} all scram-sha-256 clientcert=verify-full",
            $"hostssl all {CertifiedRole} all cert")
    {
        _olderPostgres = Add(new PostgresServer(PostgresOptions with
        {
            Settings = new Dictionary<string, string> { ["ssl_max_protocol_version"] = "TLSv1.2" },
        }));
        _olderRedis = Add(new RedisServer(Certificate, adminPassword: null, "--tls-protocols", "TLSv1.2"));
    }

    /// <summary>The stores, including those limited to TLS 1.2.</summary>
    public static TheoryData<string> Stores =>
        new("postgres", "redis", "nats", "postgres over TLS 1.2", "redis over TLS 1.2");

    /// <summary>The settings of a world on these servers, as the operator writes them.</summary>
    internal Dictionary<string, string> Settings(string store, ClientFiles? client, string role = Role)
    {
        var isOlder = store.EndsWith("TLS 1.2", StringComparison.Ordinal);
        var settings = Settings(
            authority: null, isOlder ? _olderPostgres : Postgres, isOlder ? _olderRedis : Redis);
        settings[AetherVariables.PostgresUsername] = role;
        settings[AetherVariables.PostgresClientCertificate] = client?.Certificate ?? "";
        settings[AetherVariables.PostgresClientKey] = client?.Key ?? "";
        settings[AetherVariables.RedisClientCertificate] = client?.Certificate ?? "";
        settings[AetherVariables.RedisClientKey] = client?.Key ?? "";
        settings[AetherVariables.NatsClientCertificate] = client?.Certificate ?? "";
        settings[AetherVariables.NatsClientKey] = client?.Key ?? "";
        return settings;
    }

    protected override async Task PrepareAsync(PostgresServer server, NpgsqlDataSource admin)
    {
        await using var command = admin.CreateCommand(
            $"""
            CREATE ROLE {Role} SUPERUSER LOGIN PASSWORD '{server.AdminPassword}';
            CREATE ROLE {CertifiedRole} SUPERUSER LOGIN;
            """);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
