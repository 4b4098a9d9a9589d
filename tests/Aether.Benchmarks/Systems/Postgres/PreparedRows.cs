using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Npgsql;
using NpgsqlTypes;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>A prepared statement and a transaction per write, each writer on a connection of its own.</summary>
internal sealed class PreparedRows : ISession
{
    private readonly Workload _workload;
    private readonly PostgresSchema _schema;
    private readonly NpgsqlDataSource _dataSource;
    private readonly ConcurrentBag<NpgsqlCommand> _free = [];

    private PreparedRows(Workload workload, PostgresSchema schema)
    {
        _workload = workload;
        _schema = schema;
        _dataSource = NpgsqlDataSource.Create(schema.ConnectionString);
    }

    /// <summary>Each write is a new row.</summary>
    public static async Task<ISession> InsertAsync(Workload workload, PostgresDatabase database) => await OpenAsync(
        workload, await RowTable.CreateAsync(database), $"INSERT INTO {RowTable.Name} VALUES ($1, $2, $3)");

    /// <summary>Each write replaces the row of its key.</summary>
    public static async Task<ISession> UpsertAsync(Workload workload, PostgresDatabase database)
    {
        var schema = await database.NewSchemaAsync();
        await database.ExecuteAsync(
            $"""
            CREATE TABLE {schema.Name}.entities (id text PRIMARY KEY, sequence bigint NOT NULL, value bytea NOT NULL)
            """);
        return await OpenAsync(
            workload,
            schema,
            """
            INSERT INTO entities VALUES ($2, $1, $3)
            ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, value = excluded.value
            """);
    }

    private static async Task<ISession> OpenAsync(Workload workload, PostgresSchema schema, string sql)
    {
        var rows = new PreparedRows(workload, schema);
        for (var i = 0; i < workload.Writers; i++)
            rows._free.Add(await rows.PrepareAsync(sql));
        return rows;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n)
    {
        if (!_free.TryTake(out var insert))
            throw new InvalidOperationException("There are more writers than connections.");
        insert.Parameters[0].Value = n;
        insert.Parameters[1].Value = Workload.Key(n).Id;
        insert.Parameters[2].Value = _workload.Value(n);
        await insert.ExecuteNonQueryAsync();
        _free.Add(insert);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var insert in _free)
            await insert.Connection!.DisposeAsync();
        await _dataSource.DisposeAsync();
        await _schema.DisposeAsync();
    }

    private async Task<NpgsqlCommand> PrepareAsync(string sql)
    {
        var connection = await _dataSource.OpenConnectionAsync();
        var insert = new NpgsqlCommand(sql, connection);
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text });
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea });
        await insert.PrepareAsync();
        return insert;
    }
}
