using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Postgres;
using Aether.TestServers;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>
/// Creates worlds in PostgreSQL as the operator does: a schema, a role, and rights on its tables only.
/// </summary>
internal static class PostgresWorlds
{
    public static async Task<PostgresConnectionOptions> CreateAsync(ServerSet servers)
    {
        var schema = await servers.NewSchemaAsync();
        var role = $"role of {schema}";
        var password = Secrets.NewPassword();
        await servers.Migrator.MigrateUpAsync(schema, TestContext.Current.CancellationToken);
        await servers.ExecuteAsync(
            $"""
            CREATE ROLE {ServerSet.Quote(role)} LOGIN PASSWORD '{password}';
            GRANT USAGE ON SCHEMA {ServerSet.Quote(schema)} TO {ServerSet.Quote(role)};
            GRANT SELECT, INSERT, UPDATE, DELETE ON {Tables(schema)} TO {ServerSet.Quote(role)};
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {ServerSet.Quote(schema)} TO {ServerSet.Quote(role)};
            """);
        return new PostgresConnectionOptions
        {
            Host = servers.Postgres.Host,
            Port = servers.Postgres.Port,
            Database = servers.Postgres.Database,
            Schema = schema,
            Username = role,
            Password = password,
            SslMode = SslMode.Disable,
        };
    }

    public static async Task<PostgresWorld> OpenAsync(ServerSet servers) => new(await CreateAsync(servers));

    public static Task ExpireLeaseAsync(ServerSet servers, string schema) => servers.ExecuteAsync(
        $"UPDATE {ServerSet.Quote(schema)}.world SET lease_expires_at = clock_timestamp() - interval '1 second'");

    // Without its partitions, which a world does not know.
    private static string Tables(string schema) => string.Join(
        ", ",
        WorldShape.After(WorldSchemaMigrator.Versions).Select(table => $"{ServerSet.Quote(schema)}.{table.Name}"));
}
