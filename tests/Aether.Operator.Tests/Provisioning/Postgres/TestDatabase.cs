using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.TestServers;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Tests.Provisioning.Postgres;

/// <summary>
/// A new database on the tests' server, with an administrator without superuser rights, and one world.
/// </summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private const string Password = "of an administrator";
    private readonly PostgresServer _server;
    private readonly NpgsqlDataSource _postgres;
    private readonly NpgsqlDataSource _superuser;

    private TestDatabase(PostgresServer server)
    {
        _server = server;
        _postgres = NpgsqlDataSource.Create(server.AdminConnectionString + ";Pooling=false");
        _superuser = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.AdminConnectionString)
        {
            Database = Name,
            Pooling = false,
        }.ConnectionString);
        World = new Requests { Postgres = Access(Admin) };
    }

    public string Name { get; } = $"d{Guid.NewGuid():N}";

    public string Admin { get; } = $"admin_{Guid.NewGuid():N}";

    public Requests World { get; }

    public string Schema => Identifier(World.Names.Schema);

    public string Role => Identifier(World.Names.Role);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<TestDatabase> CreateAsync(Servers servers) =>
        await CreateAsync(await servers.PostgresAsync());

    public static async Task<TestDatabase> CreateAsync(PostgresServer server)
    {
        var database = new TestDatabase(server);
        await database._postgres.CreateCommand($"CREATE DATABASE {database.Name}").ExecuteNonQueryAsync(Stop);
        await database.AddAdminAsync(database.Admin);
        return database;
    }

    /// <summary>Creates another administrator with the documented rights.</summary>
    public Task AddAdminAsync(string name) => RunAsync(
        $"CREATE ROLE {name} LOGIN CREATEROLE PASSWORD '{Password}'; GRANT CREATE ON DATABASE {Name} TO {name}");

    /// <summary>The same world with another administrator.</summary>
    public PostgresAccess Access(string admin) => new()
    {
        Host = _server.Host,
        Port = _server.Port,
        Database = Name,
        SslMode = PostgresSslMode.Disable,
        Username = admin,
        Password = Password,
    };

    /// <summary>Connections of the world's agent.</summary>
    public NpgsqlDataSource OpenAgent() =>
        PostgresAdmin.Open(World.Postgres, World.Names.Role, World.Credentials.PostgresPassword);

    /// <summary>Runs a statement as the superuser.</summary>
    public async Task RunAsync(string sql) => await Command(sql).ExecuteNonQueryAsync(Stop);

    /// <summary>Runs a query as the superuser.</summary>
    public async Task<object?> AskAsync(string sql) => await Command(sql).ExecuteScalarAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        await _superuser.DisposeAsync();
        await _postgres.CreateCommand($"DROP DATABASE {Name} WITH (FORCE)")
            .ExecuteNonQueryAsync(CancellationToken.None);
        await _postgres.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql) => _superuser.CreateCommand(
        sql.Replace("{schema}", Schema).Replace("{role}", Role).Replace("{database}", Name).Replace("{admin}", Admin));
}
