using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using StackExchange.Redis;

namespace Aether.Benchmarks.Systems;

/// <summary>Redis with appendfsync always, all writers pipelined on one connection of StackExchange.Redis.</summary>
internal sealed class RedisLog(Workload workload, IDatabase database, bool hashes) : ISession
{
    private static readonly RedisValue Field = "value";

    /// <summary>Opens an empty database; each write is a SET, or an HSET if <paramref name="hashes"/>.</summary>
    public static async Task<ISession> OpenAsync(Workload workload, SyncedRedis redis, bool hashes = false)
    {
        await redis.EmptyAsync();
        return new RedisLog(workload, redis.Database, hashes);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n)
    {
        if (hashes)
            await database.HashSetAsync(workload.EncodedId(n), Field, workload.Value(n));
        else
            await database.StringSetAsync(workload.EncodedId(n), workload.Value(n));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
