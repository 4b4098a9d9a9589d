using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Benchmarks.Servers;

/// <summary>Redis that syncs its append-only file before it answers.</summary>
internal sealed class SyncedRedis : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;

    private SyncedRedis(RedisServer server, ConnectionMultiplexer connection)
    {
        Server = server;
        _connection = connection;
    }

    public RedisServer Server { get; }

    public IDatabase Database => _connection.GetDatabase();

    public static async Task<SyncedRedis> StartAsync()
    {
        var server = new RedisServer();
        await server.StartAsync(CancellationToken.None);
        var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { server.Endpoint },
            Password = server.AdminPassword,
            AllowAdmin = true,
        });
        var redis = new SyncedRedis(server, connection);
        await redis.Database.ExecuteAsync("CONFIG", "SET", "appendfsync", "always");
        return redis;
    }

    public async Task EmptyAsync()
    {
        await Database.ExecuteAsync("FLUSHALL");
        await Database.ExecuteAsync("CONFIG", "RESETSTAT");
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await Server.DisposeAsync();
    }
}
