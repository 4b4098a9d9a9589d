namespace Aether.Benchmarks.Servers;

/// <summary>The servers that systems need, on the measured disk; each is started on first use and kept.</summary>
internal sealed class BenchmarkServers : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresDatabase>> _postgres = new(PostgresDatabase.StartAsync);
    private readonly Lazy<Task<SyncedRedis>> _redis = new(SyncedRedis.StartAsync);

    public Task<PostgresDatabase> PostgresAsync() => _postgres.Value;

    public Task<SyncedRedis> RedisAsync() => _redis.Value;

    public async ValueTask DisposeAsync()
    {
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
        if (_redis.IsValueCreated)
            await (await _redis.Value).DisposeAsync();
    }
}
