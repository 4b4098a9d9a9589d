using Aether.Persistence.Contracts;
using Aether.Persistence.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Aether.Agent.Tests.Servers;

/// <summary>The schema of a world and its role, as the operator creates them.</summary>
internal static class WorldSchema
{
    public static async Task CreateAsync(string adminConnectionString, WorldNames names, string password)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var admin = NpgsqlDataSource.Create(adminConnectionString);
        await using (var schema = admin.CreateCommand($"CREATE SCHEMA \"{names.Schema}\""))
            await schema.ExecuteNonQueryAsync(cancellation);
        await new WorldSchemaMigrator(admin, NullLoggerFactory.Instance).MigrateUpAsync(names.Schema, cancellation);
        await using var role = admin.CreateCommand(
            $"""
            CREATE ROLE "{names.Role}" LOGIN PASSWORD '{password}';
            GRANT USAGE ON SCHEMA "{names.Schema}" TO "{names.Role}";
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{names.Schema}" TO "{names.Role}";
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "{names.Schema}" TO "{names.Role}";
            """);
        await role.ExecuteNonQueryAsync(cancellation);
    }
}
