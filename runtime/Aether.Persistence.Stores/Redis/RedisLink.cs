using Aether.Persistence.Sentinels;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>The connection for one set of options; created at first use.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private const string Replica =
        "READONLY The server says that it is a replica, so what it holds may be out of date.";

    private readonly LatestFailure _latest = new();
    private readonly Lock _gate = new();
    private readonly ConfigurationOptions _configuration;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private volatile ConnectionMultiplexer? _made;
    private (Exception? Failure, Task<Exception?> Refusal)? _probe; // _gate

    public RedisLink(RedisConnectionOptions options, ConfigurationOptions configuration)
    {
        Options = options;
        _configuration = configuration;
        _configuration.LoggerFactory = _latest;
        _connection = new Lazy<Task<ConnectionMultiplexer>>(ConnectAsync);
    }

    public RedisConnectionOptions Options { get; }

    /// <summary>Why the latest attempt to connect failed; null if none has.</summary>
    public Exception? LatestFailure => _latest.Exception;

    /// <summary>
    /// Whether only a new connection can lead to the primary: this one goes to a server that the sentinels named, and
    /// is broken; or the sentinels named no server.
    /// </summary>
    public bool IsSpent =>
        Options.Sentinel is not null
        && (_connection is { IsValueCreated: true, Value.IsFaulted: true } || _made is { IsConnected: false });

    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> action, CancellationToken cancellationToken)
    {
        var connection = await _connection.Value.WaitAsync(cancellationToken);
        return LeadsToAReplica(connection)
            ? throw new RedisServerException(RedisErrorKind.ReadOnly, CommandFlags.None, Replica)
            : await action(connection.GetDatabase()).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// The reason for a missing connection: the failure of the latest attempt, or the alert by which the server refuses
    /// the client's certificate, which that attempt may have lost. The server is probed once for each attempt of the
    /// client.
    /// </summary>
    public async Task<Exception?> FindCauseAsync(CancellationToken cancellationToken)
    {
        var latest = _latest.Exception;
        if (TlsFailures.IsOfTls(latest) || RedisFailures.IsRefusedLogin(latest))
            return latest;
        Task<Exception?> refusal;
        lock (_gate)
        {
            if (_probe is not { } probe || probe.Failure != latest)
                _probe = probe = (latest, TlsConnection.FindRefusalAsync(_configuration, CancellationToken.None));
            refusal = probe.Refusal;
        }

        return await refusal.WaitAsync(cancellationToken) ?? latest;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
        {
            // If there is no connection, RunAsync has already reported the reason.
            await ((Task)_connection.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_made is { } connection)
                await connection.DisposeAsync();
        }

        _latest.Dispose();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        if (Options.Sentinel is { } sentinel)
        {
            var sentinels = new SentinelSet(sentinel, _configuration);
            _configuration.EndPoints.Add((await sentinels.AskAsync(CancellationToken.None)).Primary);
            _configuration.Tunnel = new PrimaryTunnel(sentinels);
        }
        else
        {
            _configuration.EndPoints.Add(Options.Endpoint);
        }

        return _made = await ConnectionMultiplexer.ConnectAsync(_configuration);
    }

    // The role that the server reported when the client connected or last asked.
    private static bool LeadsToAReplica(ConnectionMultiplexer connection) =>
        connection.GetServers() is { Length: > 0 } servers
        && servers.All(server => server is { IsConnected: true, IsReplica: true });
}
