using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Npgsql;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>
/// Binary COPY, committed every <see cref="RowsPerCopy"/> rows: the fastest way into PostgreSQL. A row is durable only
/// when its COPY is complete, so the speed can be compared, but not the latency.
/// </summary>
internal sealed class CopyLog : ISession
{
    private const int RowsPerCopy = 10_000;

    private readonly Workload _workload;
    private readonly PostgresSchema _schema;
    private readonly NpgsqlConnection _connection;
    private NpgsqlBinaryImporter? _copy;
    private int _rows;

    private CopyLog(Workload workload, PostgresSchema schema)
    {
        _workload = workload;
        _schema = schema;
        _connection = new NpgsqlConnection(schema.ConnectionString);
    }

    public static async Task<ISession> OpenAsync(Workload workload, PostgresDatabase database)
    {
        var log = new CopyLog(workload, await RowTable.CreateAsync(database));
        await log._connection.OpenAsync();
        return log;
    }

    public async ValueTask WriteAsync(long n)
    {
        _copy ??= await RowTable.BeginCopyAsync(_connection);
        await RowTable.CopyAsync(_copy, _workload, n);
        if (++_rows % RowsPerCopy != 0)
            return;
        await _copy.CompleteAsync();
        await _copy.DisposeAsync();
        _copy = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_copy is not null)
            await _copy.DisposeAsync();
        await _connection.DisposeAsync();
        await _schema.DisposeAsync();
    }
}
