using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using StackExchange.Redis;

namespace Aether.Benchmarks.Systems;

/// <summary>Redis with appendfsync always, all writers pipelined on one connection of StackExchange.Redis.</summary>
internal sealed class RedisLog(Workload workload, IDatabase database) : ISession
{
    public static async Task<ISession> OpenAsync(Workload workload, SyncedRedis redis)
    {
        await redis.EmptyAsync();
        return new RedisLog(workload, redis.Database);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n) =>
        await database.StringSetAsync(workload.EncodedId(n), workload.Value(n));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
