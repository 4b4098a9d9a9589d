using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Npgsql;
using NpgsqlTypes;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>The minimum for a journal with one row per write: position, key and value.</summary>
internal static class RowTable
{
    public const string Name = "rows";

    public static async Task<PostgresSchema> CreateAsync(PostgresDatabase database)
    {
        var schema = await database.NewSchemaAsync();
        await database.ExecuteAsync(
            $"CREATE TABLE {schema.Name}.{Name} (sequence bigint PRIMARY KEY, id text NOT NULL, value bytea NOT NULL)");
        return schema;
    }

    public static Task<NpgsqlBinaryImporter> BeginCopyAsync(NpgsqlConnection connection) =>
        connection.BeginBinaryImportAsync($"COPY {Name} FROM STDIN (FORMAT BINARY)");

    public static async ValueTask CopyAsync(NpgsqlBinaryImporter copy, Workload workload, long n)
    {
        await copy.StartRowAsync();
        await copy.WriteAsync(n, NpgsqlDbType.Bigint);
        await copy.WriteAsync(Workload.Key(n).Id, NpgsqlDbType.Text);
        await copy.WriteAsync(workload.Value(n), NpgsqlDbType.Bytea);
    }
}
