using Aether.Persistence.Contracts;
using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>Servers of a private CA that ask each client for a certificate of another private CA.</summary>
public sealed class ClientCertificateServers : IAsyncLifetime
{
    /// <summary>Role of PostgreSQL that a certificate must be issued to, besides the password.</summary>
    public const string Role = "games";

    /// <summary>Role of PostgreSQL that logs in by its certificate alone.</summary>
    public const string CertifiedRole = "certified";

    private static readonly WorldNames Names = WorldNames.For("tests", "client-certificates");
    private readonly TestAuthority _servers = new();

    public ClientCertificateServers()
    {
        var certificate = _servers.Issue().WithClientsOf(Clients);
        Postgres = new PostgresServer(new PostgresServerOptions
        {
            Certificate = certificate,
            Access =
            [
                "host all postgres all scram-sha-256",
                $"hostssl all {Role} all scram-sha-256 clientcert=verify-full",
                $"hostssl all {CertifiedRole} all cert",
            ],
        });
        Redis = new RedisServer(certificate);
        Nats = new NatsServer(configuration: null, certificate);
    }

    /// <summary>What the servers trust clients of.</summary>
    public TestAuthority Clients { get; } = new();

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; }

    public NatsServer Nats { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(
            Postgres.StartAsync(Cancellation), Redis.StartAsync(Cancellation), Nats.StartAsync(Cancellation));
        await CreateSchemaAsync();
        await CreateStreamAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Postgres.DisposeAsync();
        await Redis.DisposeAsync();
        await Nats.DisposeAsync();
        Clients.Dispose();
        _servers.Dispose();
    }

    /// <summary>The settings of a world on these servers, as the operator writes them.</summary>
    internal Dictionary<string, string> Settings(ClientFiles? client, string role = Role) => new()
    {
        [AetherVariables.PostgresHost] = Postgres.Host,
        [AetherVariables.PostgresPort] = $"{Postgres.Port}",
        [AetherVariables.PostgresDatabase] = Postgres.Database,
        [AetherVariables.PostgresSchema] = Names.Schema,
        [AetherVariables.PostgresUsername] = role,
        [AetherVariables.PostgresPassword] = Postgres.AdminPassword,
        [AetherVariables.PostgresSslMode] = "VerifyFull",
        [AetherVariables.PostgresRootCertificate] = _servers.Pem,
        [AetherVariables.PostgresClientCertificate] = client?.Certificate ?? "",
        [AetherVariables.PostgresClientKey] = client?.Key ?? "",
        [AetherVariables.RedisEndpoint] = Redis.Endpoint,
        [AetherVariables.RedisTls] = "true",
        [AetherVariables.RedisUsername] = Redis.AdminUsername,
        [AetherVariables.RedisPassword] = Redis.AdminPassword,
        [AetherVariables.RedisKeyPrefix] = Names.RedisKeyPrefix,
        [AetherVariables.RedisRootCertificate] = _servers.Pem,
        [AetherVariables.RedisClientCertificate] = client?.Certificate ?? "",
        [AetherVariables.RedisClientKey] = client?.Key ?? "",
        [AetherVariables.NatsUrl] = Nats.Url,
        [AetherVariables.NatsUsername] = Nats.AdminUsername,
        [AetherVariables.NatsPassword] = Nats.AdminPassword,
        [AetherVariables.NatsEventStream] = Names.EventStream,
        [AetherVariables.NatsSubjectPrefix] = Names.SubjectPrefix,
        [AetherVariables.NatsRootCertificate] = _servers.Pem,
        [AetherVariables.NatsClientCertificate] = client?.Certificate ?? "",
        [AetherVariables.NatsClientKey] = client?.Key ?? "",
    };

    private async Task CreateSchemaAsync()
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await using var command = admin.CreateCommand(
            $"""
            CREATE SCHEMA {ServerSet.Quote(Names.Schema)};
            CREATE ROLE {Role} SUPERUSER LOGIN PASSWORD '{Postgres.AdminPassword}';
            CREATE ROLE {CertifiedRole} SUPERUSER LOGIN;
            """);
        await command.ExecuteNonQueryAsync(Cancellation);
        await new WorldSchemaMigrator(admin, NullLoggerFactory.Instance).MigrateUpAsync(Names.Schema, Cancellation);
    }

    private async Task CreateStreamAsync()
    {
        var own = Clients.IssueClient("tests");
        await using var nats = new NatsConnection(new NatsOpts
        {
            Url = Nats.Url,
            AuthOpts = new NatsAuthOpts { Username = Nats.AdminUsername, Password = Nats.AdminPassword },
            TlsOpts = new NatsTlsOpts
            {
                ConfigureClientAuthentication = StoreTls.Callback(
                    _servers.Pem, ClientCertificate.Parse(own.Certificate, own.Key)),
            },
        });
        await new NatsJSContext(nats).CreateStreamAsync(
            new StreamConfig(
                Names.EventStream, [$"{Names.SubjectPrefix}events.>", $"{Names.SubjectPrefix}epoch"]),
            Cancellation);
    }
}
