using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>The connection that one set of options leads to; made at first use.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
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
        return await action(connection.GetDatabase()).WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
            await (await _connection.Value).DisposeAsync();
        _latest.Dispose();
    }
}
