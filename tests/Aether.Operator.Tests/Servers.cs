using Aether.TestServers;

[assembly: AssemblyFixture(typeof(Aether.Operator.Tests.Servers))]

namespace Aether.Operator.Tests;

/// <summary>Servers that this assembly's tests share; each is started at its first use.</summary>
public sealed class Servers : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _postgres =
        new(() => StartAsync(new PostgresServer(new PostgresServerOptions { LogStatement = "all" })));

    private readonly Lazy<Task<RedisServer>> _redis = new(() => StartAsync(new RedisServer()));

    private readonly Lazy<Task<NatsServer>> _nats = new(() => StartAsync(new NatsServer()));

    public Task<PostgresServer> PostgresAsync() => _postgres.Value;

    public Task<RedisServer> RedisAsync() => _redis.Value;

    public Task<NatsServer> NatsAsync() => _nats.Value;

    public async ValueTask DisposeAsync()
    {
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
        if (_redis.IsValueCreated)
            await (await _redis.Value).DisposeAsync();
        if (_nats.IsValueCreated)
            await (await _nats.Value).DisposeAsync();
    }

    private static async Task<T> StartAsync<T>(T server)
        where T : TestServer
    {
        await server.StartAsync(CancellationToken.None);
        return server;
    }
}
