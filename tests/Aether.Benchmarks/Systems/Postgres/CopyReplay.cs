using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Npgsql;
using NpgsqlTypes;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>Binary COPY of all rows out of PostgreSQL, every column read; nothing is built from them.</summary>
internal sealed class CopyReplay(PostgresSchema schema) : IReplay
{
    public static async Task<IReplay> PrepareAsync(Trial trial, int writes, PostgresDatabase database)
    {
        var schema = await RowTable.CreateAsync(database);
        await using var connection = new NpgsqlConnection(schema.ConnectionString);
        await connection.OpenAsync();
        await using var copy = await RowTable.BeginCopyAsync(connection);
        for (var i = 0; i < writes; i++)
            await RowTable.CopyAsync(copy, trial.Workload, trial.Workload.Next());
        await copy.CompleteAsync();
        return new CopyReplay(schema);
    }

    public async Task<long> RunAsync()
    {
        await using var connection = new NpgsqlConnection(schema.ConnectionString);
        await connection.OpenAsync();
        await using var copy = await connection.BeginBinaryExportAsync(
            $"COPY {RowTable.Name} TO STDOUT (FORMAT BINARY)");
        var read = 0L;
        while (await copy.StartRowAsync() != -1)
        {
            await copy.ReadAsync<long>(NpgsqlDbType.Bigint);
            await copy.ReadAsync<string>(NpgsqlDbType.Text);
            await copy.ReadAsync<byte[]>(NpgsqlDbType.Bytea);
            read++;
        }
        return read;
    }

    public ValueTask DisposeAsync() => schema.DisposeAsync();
}
