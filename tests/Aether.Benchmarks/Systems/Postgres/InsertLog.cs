using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Npgsql;
using NpgsqlTypes;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>A prepared INSERT and a transaction per write, each writer on a connection of its own.</summary>
internal sealed class InsertLog : ISession
{
    private readonly Workload _workload;
    private readonly PostgresSchema _schema;
    private readonly NpgsqlDataSource _dataSource;
    private readonly ConcurrentBag<NpgsqlCommand> _free = [];

    private InsertLog(Workload workload, PostgresSchema schema)
    {
        _workload = workload;
        _schema = schema;
        _dataSource = NpgsqlDataSource.Create(schema.ConnectionString);
    }

    public static async Task<ISession> OpenAsync(Workload workload, PostgresDatabase database)
    {
        var log = new InsertLog(workload, await RowTable.CreateAsync(database));
        for (var i = 0; i < workload.Writers; i++)
            log._free.Add(await log.PrepareAsync());
        return log;
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

    private async Task<NpgsqlCommand> PrepareAsync()
    {
        var connection = await _dataSource.OpenConnectionAsync();
        var insert = new NpgsqlCommand($"INSERT INTO {RowTable.Name} VALUES ($1, $2, $3)", connection);
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text });
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea });
        await insert.PrepareAsync();
        return insert;
    }
}
