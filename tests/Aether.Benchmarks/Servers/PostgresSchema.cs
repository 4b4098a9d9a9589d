using Npgsql;

namespace Aether.Benchmarks.Servers;

/// <summary>A schema for one run, dropped with its contents.</summary>
internal sealed class PostgresSchema(PostgresDatabase database, string name) : IAsyncDisposable
{
    public PostgresDatabase Database => database;

    public string Name => name;

    /// <summary>Npgsql connection string that finds its tables without a qualified name.</summary>
    public string ConnectionString =>
        $"{database.Server.AdminConnectionString};Search Path={name};SSL Mode=Disable;Maximum Pool Size=100";

    public async ValueTask DisposeAsync()
    {
        // Systems leave connections in the driver's pools, which would accumulate over the runs.
        NpgsqlConnection.ClearAllPools();
        await database.ExecuteAsync($"DROP SCHEMA {name} CASCADE");
    }
}
