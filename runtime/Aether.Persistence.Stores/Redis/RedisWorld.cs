using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// The keys of one world in Redis, reached with the world's own ACL user. Connects at first use and by itself again
/// after an outage; while there is no connection, commands fail at once with
/// <see cref="StoreUnavailableException"/>.
/// </summary>
public sealed class RedisWorld : IAsyncDisposable
{
    private const int ProofAttempts = 20;
    private static readonly TimeSpan ProofPause = TimeSpan.FromMilliseconds(100);

    private readonly Replaceable<RedisLink> _link;
    private RedisConnectionOptions _given;

    /// <summary>Prepares the connection; the first command makes it.</summary>
    public RedisWorld(RedisConnectionOptions options)
    {
        _given = options;
        _link = new Replaceable<RedisLink>(LinkOf(options));
        Keys = new RedisKeys(options.KeyPrefix);
    }

    internal RedisKeys Keys { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>
    /// Goes over to other credentials, CAs or another address, once a connection with them has answered. Until then the
    /// one there is goes on. One call at a time.
    /// </summary>
    /// <exception cref="StoreUnavailableException">They lead nowhere; the former ones stay in use.</exception>
    public async Task UseAsync(RedisConnectionOptions options, CancellationToken cancellationToken)
    {
        if (options == _given)
            return;
        if (options.KeyPrefix != _given.KeyPrefix)
            throw RedisFailures.OtherKeys(_given.KeyPrefix, options.KeyPrefix);

        var next = await ProvenAsync(options, cancellationToken);
        while (!await _link.TryReplaceAsync(_link.Current, next))
        {
            // A refused login has exchanged the two passwords meanwhile.
        }

        _given = options;
    }

    internal async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> action, CancellationToken cancellationToken)
    {
        await using var link = _link.Use();
        try
        {
            return await link.Value.RunAsync(action, cancellationToken);
        }
        catch (Exception exception) when (RedisFailures.IsOutage(exception))
        {
            await TryOtherPasswordAsync(exception, link.Value);
            throw RedisFailures.Translate(exception, link.Value.LatestFailure);
        }
    }

    // While a password is being replaced the server takes one of two, and which changes between two logins. The command
    // is tried again by its caller.
    private async Task TryOtherPasswordAsync(Exception exception, RedisLink refused)
    {
        if (!RedisFailures.IsRefusedLogin(exception) && !RedisFailures.IsRefusedLogin(refused.LatestFailure))
            return;
        if (refused.Options.WithOtherPassword() is not { } options)
            return;

        var other = LinkOf(options);
        if (!await _link.TryReplaceAsync(refused, other))
            await other.DisposeAsync();
    }

    private static async Task<RedisLink> ProvenAsync(
        RedisConnectionOptions options, CancellationToken cancellationToken)
    {
        var link = LinkOf(options);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await link.RunAsync(database => database.PingAsync(), cancellationToken);
                return link;
            }
            catch (Exception exception) when (RedisFailures.IsOutage(exception))
            {
                // The client says that there is no connection before it says why there is none.
                if (attempt < ProofAttempts && link.LatestFailure is null)
                {
                    await Task.Delay(ProofPause, TimeProvider.System, cancellationToken);
                    continue;
                }

                var other = RedisFailures.IsRefusedLogin(link.LatestFailure) ? options.WithOtherPassword() : null;
                await link.DisposeAsync();
                return other is null
                    ? throw RedisFailures.Translate(exception, link.LatestFailure)
                    : await ProvenAsync(other with { NextPassword = null }, cancellationToken);
            }
        }
    }

    private static RedisLink LinkOf(RedisConnectionOptions options) => new(options, Configuration);

    private static ConfigurationOptions Configuration(RedisConnectionOptions options) => new()
    {
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
