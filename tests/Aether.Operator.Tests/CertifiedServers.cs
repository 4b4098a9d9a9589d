using Aether.Operator.Kinds;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Npgsql;

namespace Aether.Operator.Tests;

/// <summary>
/// The three stores with certificates of a private CA. All of them require client certificates of another CA.
/// PostgreSQL accepts the operator's certificate only for the operator's user, and the agents' certificate for all
/// roles of worlds.
/// </summary>
internal sealed class CertifiedServers : IAsyncDisposable
{
    /// <summary>Name of the operator as a role of PostgreSQL and in its certificate.</summary>
    public const string OperatorName = "aether_operator";

    /// <summary>Name in the certificate that all agents present.</summary>
    public const string AgentsName = "aether-agents";

    private readonly TestAuthority _servers = new();

    public CertifiedServers()
    {
        var certificate = _servers.Issue().WithClientsOf(Clients, NextClients);
        Postgres = new PostgresServer(new PostgresServerOptions
        {
            Certificate = certificate,
            Access =
            [
                "host all postgres all scram-sha-256",
                $"hostssl all {OperatorName} all scram-sha-256 clientcert=verify-full",
                "hostssl all all all scram-sha-256 clientcert=verify-ca",
            ],
        });
        Redis = new RedisServer(certificate);
        Nats = new NatsServer(configuration: null, certificate);
    }

    /// <summary>PEM text of the servers' CA.</summary>
    public string Authority => _servers.Pem;

    /// <summary>The clients' CA.</summary>
    public TestAuthority Clients { get; } = new();

    /// <summary>The CA of the clients' next certificates, which the servers trust as well.</summary>
    public TestAuthority NextClients { get; } = new();

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; }

    public NatsServer Nats { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts all servers and creates the operator's role, which is not a superuser.</summary>
    public async Task StartAsync()
    {
        await Task.WhenAll(Postgres.StartAsync(Stop), Redis.StartAsync(Stop), Nats.StartAsync(Stop));
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await using var command = admin.CreateCommand(
            $"""
            CREATE ROLE {OperatorName} LOGIN CREATEROLE PASSWORD '{Postgres.AdminPassword}';
            GRANT CREATE, CONNECT ON DATABASE {Postgres.Database} TO {OperatorName} WITH GRANT OPTION;
            """);
        await command.ExecuteNonQueryAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Postgres.DisposeAsync();
        await Redis.DisposeAsync();
        await Nats.DisposeAsync();
        _servers.Dispose();
        Clients.Dispose();
        NextClients.Dispose();
    }

    /// <summary>The spec of a backend on these servers; its Secrets are named after store and content.</summary>
    public PersistenceBackendSpec Spec() => new()
    {
        Postgres = new PostgresBackend
        {
            Host = Postgres.Host,
            Port = Postgres.Port,
            Database = Postgres.Database,
            AdminSecretRef = Named("certified-postgres"),
            CaSecretRef = Named("certified-ca"),
            ClientCertificateSecretRef = Named("certified-operator"),
            AgentClientCertificateSecretRef = Named("certified-agents"),
        },
        Redis = new RedisBackend
        {
            Endpoint = Redis.Endpoint,
            Tls = true,
            AdminSecretRef = Named("certified-redis"),
            CaSecretRef = Named("certified-ca"),
            ClientCertificateSecretRef = Named("certified-operator"),
            AgentClientCertificateSecretRef = Named("certified-agents"),
        },
        Nats = new NatsBackend
        {
            Urls = [Nats.Url],
            CredentialsSecretRef = Named("certified-nats"),
            SharedCredentials = true,
            CaSecretRef = Named("certified-ca"),
            ClientCertificateSecretRef = Named("certified-operator"),
            AgentClientCertificateSecretRef = Named("certified-agents"),
        },
    };

    private static SecretReference Named(string name) => new() { Name = name };
}
