using Aether.Benchmarks.Harness;
using RocksDbSharp;

namespace Aether.Benchmarks.Systems;

/// <summary>RocksDB with its defaults and synced writes; it groups the writes of concurrent threads.</summary>
internal sealed class RocksDbLog(Workload workload, string folder) : ISession
{
    private readonly RocksDb _database = RocksDb.Open(new DbOptions().SetCreateIfMissing(), folder);
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);

    public ValueTask WriteAsync(long n)
    {
        _database.Put(workload.EncodedId(n), workload.Value(n), writeOptions: _synced);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }
}
