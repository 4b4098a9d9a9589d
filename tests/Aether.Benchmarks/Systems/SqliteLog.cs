using Aether.Benchmarks.Harness;
using Microsoft.Data.Sqlite;

namespace Aether.Benchmarks.Systems;

/// <summary>
/// SQLite in WAL mode, synchronous=FULL, one upsert per transaction. SQLite has one writer at a time; the others wait
/// here, which is cheaper than in its busy handler.
/// </summary>
internal sealed class SqliteLog : ISession
{
    private readonly Workload _workload;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _upsert;
    private readonly SqliteParameter _id;
    private readonly SqliteParameter _value;
    private readonly Lock _gate = new();

    public SqliteLog(Workload workload, string folder)
    {
        _workload = workload;
        _connection = new SqliteConnection($"Data Source={Path.Combine(folder, "log.db")};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE state (id TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
        _upsert = _connection.CreateCommand();
        _upsert.CommandText = "INSERT INTO state VALUES ($id, $value) ON CONFLICT DO UPDATE SET value = excluded.value";
        _id = _upsert.Parameters.Add("$id", SqliteType.Text);
        _value = _upsert.Parameters.Add("$value", SqliteType.Blob);
        _upsert.Prepare();
    }

    public ValueTask WriteAsync(long n)
    {
        lock (_gate)
        {
            _id.Value = Workload.Key(n).Id;
            _value.Value = _workload.Value(n);
            _upsert.ExecuteNonQuery();
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _upsert.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private void Execute(string pragma)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = pragma;
        command.ExecuteNonQuery();
    }
}
