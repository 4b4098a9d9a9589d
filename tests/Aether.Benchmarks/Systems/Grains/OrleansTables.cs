using Aether.Benchmarks.Servers;

namespace Aether.Benchmarks.Systems.Grains;

/// <summary>
/// A table for the states of grains, and the statements that Orleans' AdoNet storage reads from its table of queries.
/// They are ours: one row per grain by its whole key, and an upsert that checks the version.
/// </summary>
internal static class OrleansTables
{
    private const string KeyOfRow =
        """
        grain_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND n0 = @GrainIdN0 AND n1 = @GrainIdN1
        AND type = @GrainTypeString AND extension = coalesce(@GrainIdExtensionString, '') AND service = @ServiceId
        """;

    private const string Write =
        $"""
        INSERT INTO grains AS g (grain_hash, type_hash, n0, n1, type, extension, service, payload, version)
        VALUES (@GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString,
                coalesce(@GrainIdExtensionString, ''), @ServiceId, @PayloadBinary, 1)
        ON CONFLICT (grain_hash, type_hash, n0, n1, type, extension, service)
        DO UPDATE SET payload = excluded.payload, version = g.version + 1 WHERE g.version = @GrainStateVersion
        RETURNING version AS NewGrainStateVersion
        """;

    private const string Read =
        $"SELECT payload AS PayloadBinary, now() AS ModifiedOn, version AS Version FROM grains WHERE {KeyOfRow}";

    private const string Clear =
        $"""
        UPDATE grains SET payload = NULL, version = version + 1 WHERE {KeyOfRow} AND version = @GrainStateVersion
        RETURNING version AS NewGrainStateVersion
        """;

    public static async Task<PostgresSchema> CreateAsync(PostgresDatabase database)
    {
        var schema = await database.NewSchemaAsync();
        await database.ExecuteAsync(
            $"""
            CREATE TABLE {schema.Name}.grains (
              grain_hash int NOT NULL, type_hash int NOT NULL, n0 bigint NOT NULL, n1 bigint NOT NULL,
              type varchar(512) NOT NULL, extension varchar(512) NOT NULL, service varchar(150) NOT NULL,
              payload bytea, version int NOT NULL,
              PRIMARY KEY (grain_hash, type_hash, n0, n1, type, extension, service));
            CREATE TABLE {schema.Name}.OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText text NOT NULL);
            INSERT INTO {schema.Name}.OrleansQuery VALUES
              ('WriteToStorageKey', {Literal(Write)}), ('ReadFromStorageKey', {Literal(Read)}),
              ('ClearStorageKey', {Literal(Clear)}), ('DeleteStorageKey', {Literal(Clear)});
            """);
        return schema;
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
