using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>The connection that one set of options leads to; made at first use.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private const string Replica =
        "READONLY The server says that it is a replica, so what it holds may be out of date.";

    private readonly LatestFailure _latest = new();
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;

    public RedisLink(RedisConnectionOptions options, Func<RedisConnectionOptions, ConfigurationOptions> configure)
    {
        Options = options;
        _connection = new Lazy<Task<ConnectionMultiplexer>>(() =>
        {
            var configuration = configure(options);
            configuration.LoggerFactory = _latest;
            return ConnectionMultiplexer.ConnectAsync(configuration);
        });
    }

    public RedisConnectionOptions Options { get; }

    /// <summary>Why the latest attempt to connect failed; null if none has.</summary>
    public Exception? LatestFailure => _latest.Exception;

    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> action, CancellationToken cancellationToken)
    {
        var connection = await _connection.Value.WaitAsync(cancellationToken);
        return LeadsToAReplica(connection)
            ? throw new RedisServerException(RedisErrorKind.ReadOnly, CommandFlags.None, Replica)
            : await action(connection.GetDatabase()).WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
            await (await _connection.Value).DisposeAsync();
        _latest.Dispose();
    }

    // As the server said when it was connected to, or when the client last asked for it.
    private static bool LeadsToAReplica(ConnectionMultiplexer connection) =>
        connection.GetServers() is { Length: > 0 } servers
        && servers.All(server => server is { IsConnected: true, IsReplica: true });
}
