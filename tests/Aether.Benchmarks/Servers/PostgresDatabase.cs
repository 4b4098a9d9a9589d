using Aether.TestServers;
using Npgsql;

namespace Aether.Benchmarks.Servers;

/// <summary>PostgreSQL with its default durability: fsync and synchronous_commit on.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private int _schemas;

    private PostgresDatabase(PostgresServer server)
    {
        _server = server;
        Admin = NpgsqlDataSource.Create(server.AdminConnectionString);
    }

    public PostgresServer Server => _server;

    public NpgsqlDataSource Admin { get; }

    public static async Task<PostgresDatabase> StartAsync()
    {
        var server = new PostgresServer(new PostgresServerOptions
        {
            MaxConnections = 300,
            Settings = new Dictionary<string, string>
            {
                ["fsync"] = "on",
                ["synchronous_commit"] = "on",
                ["full_page_writes"] = "on",
                // PostgreSQL's defaults, which the test server lowers.
                ["shared_buffers"] = "128MB",
                ["shared_preload_libraries"] = "",
            },
        });
        await server.StartAsync(CancellationToken.None);
        return new PostgresDatabase(server);
    }

    /// <summary>An empty schema, after a checkpoint, so that none of an earlier run is pending.</summary>
    public async Task<PostgresSchema> NewSchemaAsync()
    {
        var name = "bench_" + Interlocked.Increment(ref _schemas).ToString(CultureInfo.InvariantCulture);
        await ExecuteAsync($"CREATE SCHEMA {name}");
        await ExecuteAsync("CHECKPOINT");
        return new PostgresSchema(this, name);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Admin.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Admin.DisposeAsync();
        await _server.DisposeAsync();
    }
}
