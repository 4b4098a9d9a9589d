using System.Globalization;
using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(ServerSet))]

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>
/// The servers shared by all tests of this assembly; each test uses its own names in them. Tests that stop a server
/// start their own.
/// </summary>
public sealed class ServerSet : IAsyncLifetime
{
    private int _names;

    public PostgresServer Postgres { get; init; } = new();

    public RedisServer Redis { get; } = new();

    public NatsServer Nats { get; } = new();

    public NpgsqlDataSource Admin { get; private set; } = null!;

    public WorldSchemaMigrator Migrator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (TestServer.AreOff)
            return;
        await Task.WhenAll(
            Postgres.StartAsync(CancellationToken.None),
            Redis.StartAsync(CancellationToken.None),
            Nats.StartAsync(CancellationToken.None));
        Admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        Migrator = new WorldSchemaMigrator(Admin, NullLoggerFactory.Instance);
    }

    public string NewName() => "w" + Interlocked.Increment(ref _names).ToString(CultureInfo.InvariantCulture);

    public async Task<string> NewSchemaAsync()
    {
        var schema = $"Aether \"{NewName()}";
        await ExecuteAsync($"CREATE SCHEMA {Quote(schema)}");
        return schema;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> QueryAsync<T>(string sql)
    {
        await using var command = Admin.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public async ValueTask DisposeAsync()
    {
        if (!TestServer.AreOff)
            await Admin.DisposeAsync();
        await Postgres.DisposeAsync();
        await Redis.DisposeAsync();
        await Nats.DisposeAsync();
    }
}
