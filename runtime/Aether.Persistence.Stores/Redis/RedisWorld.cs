using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// The keys of one world in Redis, reached with the world's own ACL user. Connects at first use and by itself again
/// after an outage; while there is no connection, commands fail at once with
/// <see cref="StoreUnavailableException"/>.
/// </summary>
public sealed class RedisWorld : IAsyncDisposable
{
    private readonly LatestFailure _latest = new();
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;

    /// <summary>Prepares the connection; the first command makes it.</summary>
    public RedisWorld(RedisConnectionOptions options)
    {
        Keys = new RedisKeys(options.KeyPrefix);
        _connection = new Lazy<Task<ConnectionMultiplexer>>(
            () => ConnectionMultiplexer.ConnectAsync(Configuration(options, _latest)));
    }

    internal RedisKeys Keys { get; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
            await (await _connection.Value).DisposeAsync();
        _latest.Dispose();
    }

    internal async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _connection.Value.WaitAsync(cancellationToken);
            return await action(connection.GetDatabase()).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (RedisFailures.IsOutage(exception))
        {
            throw RedisFailures.Translate(exception, _latest.Exception);
        }
    }

    private static ConfigurationOptions Configuration(RedisConnectionOptions options, LatestFailure latest) => new()
    {
        LoggerFactory = latest,
        EndPoints = { options.Endpoint },
        User = options.Username,
        Password = options.Password,
        Ssl = options.Tls,
        ClientName = "aether-agent",
        AbortOnConnectFail = false,
        BacklogPolicy = BacklogPolicy.FailFast,
        ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds,
        AsyncTimeout = (int)options.CommandTimeout.TotalMilliseconds,
        // Both would touch keys and channels outside the world's prefix.
        TieBreaker = "",
        ConfigurationChannel = "",
    };
}
