using Aether.Persistence.Contracts;
using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>Servers that speak TLS, with certificates of an authority that this machine does not know.</summary>
public sealed class TlsServers : IAsyncLifetime
{
    private static readonly WorldNames Names = WorldNames.For("tests", "tls");

    private readonly TestAuthority _authority = new();

    public TlsServers()
    {
        Postgres = new PostgresServer(new PostgresServerOptions { Certificate = _authority.Issue() });
        PostgresElsewhere = new PostgresServer(
            new PostgresServerOptions { Certificate = _authority.Issue("elsewhere") });
        Redis = new RedisServer(_authority.Issue());
        Nats = new NatsServer(configuration: null, _authority.Issue());
    }

    /// <summary>What to trust, as PEM.</summary>
    public string Authority => _authority.Pem;

    public PostgresServer Postgres { get; }

    /// <summary>PostgreSQL whose certificate is another host's.</summary>
    public PostgresServer PostgresElsewhere { get; }

    public RedisServer Redis { get; }

    public NatsServer Nats { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(Servers().Select(server => server.StartAsync(Cancellation)));
        await CreateSchemaAsync(Postgres);
        await CreateSchemaAsync(PostgresElsewhere);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers())
            await server.DisposeAsync();
        _authority.Dispose();
    }

    /// <summary>The settings of a world on these servers, as the operator writes them.</summary>
    internal Dictionary<string, string> Settings(PostgresServer postgres) => new()
    {
        [AetherVariables.PostgresHost] = postgres.Host,
        [AetherVariables.PostgresPort] = $"{postgres.Port}",
        [AetherVariables.PostgresDatabase] = postgres.Database,
        [AetherVariables.PostgresSchema] = Names.Schema,
        [AetherVariables.PostgresUsername] = postgres.AdminUsername,
        [AetherVariables.PostgresPassword] = postgres.AdminPassword,
        [AetherVariables.RedisEndpoint] = Redis.Endpoint,
        [AetherVariables.RedisTls] = "true",
        [AetherVariables.RedisUsername] = Redis.AdminUsername,
        [AetherVariables.RedisPassword] = Redis.AdminPassword,
        [AetherVariables.RedisKeyPrefix] = Names.RedisKeyPrefix,
        [AetherVariables.NatsUrl] = Nats.Url,
        [AetherVariables.NatsUsername] = Nats.AdminUsername,
        [AetherVariables.NatsPassword] = Nats.AdminPassword,
        [AetherVariables.NatsEventStream] = Names.EventStream,
        [AetherVariables.NatsSubjectPrefix] = Names.SubjectPrefix,
    };

    private TestServer[] Servers() => [Postgres, PostgresElsewhere, Redis, Nats];

    private static async Task CreateSchemaAsync(PostgresServer server)
    {
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await using (var command = admin.CreateCommand($"CREATE SCHEMA {ServerSet.Quote(Names.Schema)}"))
            await command.ExecuteNonQueryAsync(Cancellation);
        await new WorldSchemaMigrator(admin, NullLoggerFactory.Instance).MigrateUpAsync(Names.Schema, Cancellation);
    }
}
