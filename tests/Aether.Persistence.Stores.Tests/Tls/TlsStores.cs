using Aether.Persistence.Contracts;
using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>
/// Servers with TLS, whose certificates come from a CA that this machine does not know, and a world's schema and
/// stream.
/// </summary>
public abstract class TlsStores : IAsyncLifetime
{
    private static readonly WorldNames Names = WorldNames.For("tests", "tls");

    private readonly List<TestServer> _servers = [];

    /// <summary>Prepares one server of each kind.</summary>
    /// <param name="certifiesClients">Whether each client needs a certificate of <see cref="Clients"/>.</param>
    /// <param name="access">Rules of pg_hba.conf.</param>
    protected TlsStores(bool certifiesClients = false, params string[] access)
    {
        Certificate = certifiesClients ? Authority.Issue().WithClientsOf(Clients) : Authority.Issue();
        PostgresOptions = new PostgresServerOptions
        {
            Certificate = Certificate,
            Access = access.Length == 0 ? null : access,
        };
        Postgres = Add(new PostgresServer(PostgresOptions));
        Redis = Add(new RedisServer(Certificate));
        Nats = Add(new NatsServer(configuration: null, Certificate));
    }

    /// <summary>CA of the servers.</summary>
    public TestAuthority Authority { get; } = new();

    /// <summary>CA of the clients, if the servers require client certificates.</summary>
    public TestAuthority Clients { get; } = new();

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; }

    public NatsServer Nats { get; }

    /// <summary>The servers' certificate.</summary>
    protected ServerCertificate Certificate { get; }

    /// <summary>Options of <see cref="Postgres"/>.</summary>
    protected PostgresServerOptions PostgresOptions { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(_servers.Select(server => server.StartAsync(Cancellation)));
        foreach (var server in _servers.OfType<PostgresServer>())
            await CreateSchemaAsync(server);
        await CreateStreamAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        Authority.Dispose();
        Clients.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The settings of a world on these servers, as the operator writes them.</summary>
    /// <param name="authority">CAs to trust instead of the system's; null: that of the servers.</param>
    /// <param name="postgres">Server to use instead of <see cref="Postgres"/>.</param>
    /// <param name="redis">Server to use instead of <see cref="Redis"/>.</param>
    internal Dictionary<string, string> Settings(
        string? authority = null, PostgresServer? postgres = null, RedisServer? redis = null)
    {
        authority ??= Authority.Pem;
        var (database, cache) = (postgres ?? Postgres, redis ?? Redis);
        return new Dictionary<string, string>
        {
            [AetherVariables.PostgresHost] = database.Host,
            [AetherVariables.PostgresPort] = $"{database.Port}",
            [AetherVariables.PostgresDatabase] = database.Database,
            [AetherVariables.PostgresSchema] = Names.Schema,
            [AetherVariables.PostgresUsername] = database.AdminUsername,
            [AetherVariables.PostgresPassword] = database.AdminPassword,
            [AetherVariables.PostgresSslMode] = "VerifyFull",
            [AetherVariables.PostgresRootCertificate] = authority,
            [AetherVariables.RedisEndpoint] = cache.Endpoint,
            [AetherVariables.RedisTls] = "true",
            [AetherVariables.RedisUsername] = cache.AdminUsername,
            [AetherVariables.RedisPassword] = cache.AdminPassword,
            [AetherVariables.RedisKeyPrefix] = Names.RedisKeyPrefix,
            [AetherVariables.RedisRootCertificate] = authority,
            [AetherVariables.NatsUrl] = Nats.Url,
            [AetherVariables.NatsUsername] = Nats.AdminUsername,
            [AetherVariables.NatsPassword] = Nats.AdminPassword,
            [AetherVariables.NatsEventStream] = Names.EventStream,
            [AetherVariables.NatsSubjectPrefix] = Names.SubjectPrefix,
            [AetherVariables.NatsRootCertificate] = authority,
        };
    }

    /// <summary>Adds a server that is started and disposed with the others.</summary>
    protected T Add<T>(T server)
        where T : TestServer
    {
        _servers.Add(server);
        return server;
    }

    /// <summary>Prepares a database beyond the common setup.</summary>
    protected virtual Task PrepareAsync(PostgresServer server, NpgsqlDataSource admin) => Task.CompletedTask;

    private async Task CreateSchemaAsync(PostgresServer server)
    {
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await using (var command = admin.CreateCommand($"CREATE SCHEMA {ServerSet.Quote(Names.Schema)}"))
            await command.ExecuteNonQueryAsync(Cancellation);
        await new WorldSchemaMigrator(admin, NullLoggerFactory.Instance).MigrateUpAsync(Names.Schema, Cancellation);
        await PrepareAsync(server, admin);
    }

    private async Task CreateStreamAsync()
    {
        var own = Clients.IssueClient("tests");
        await using var admin = new NatsConnection(new NatsOpts
        {
            Url = Nats.Url,
            ConnectTimeout = TestServer.ClientPatience,
            RequestTimeout = TestServer.ClientPatience,
            AuthOpts = new NatsAuthOpts { Username = Nats.AdminUsername, Password = Nats.AdminPassword },
            TlsOpts = new NatsTlsOpts
            {
                ConfigureClientAuthentication = StoreTls.Callback(
                    Authority.Pem, ClientCertificate.Parse(own.Certificate, own.Key)),
            },
        });
        await NatsWorlds.CreateStreamAsync(admin, Names);
    }
}
