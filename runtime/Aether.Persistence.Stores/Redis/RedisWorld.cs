using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// The keys of one world in Redis, reached with the world's own ACL user. Connects at first use, and reconnects after
/// an outage or a failover. While there is no connection, commands fail at once with
/// <see cref="StoreUnavailableException"/>.
/// </summary>
/// <remarks>
/// The client reconnects by itself when a connection breaks, and then follows the address. After a failover behind one
/// address (a service, a virtual IP, DNS) nothing breaks: the connection stays on the old primary, which is now a
/// replica and refuses every write. Only a connection made after the failover reaches the new primary. If sentinels
/// know the primary, each connection goes to the server that they name at that moment.
/// </remarks>
public sealed class RedisWorld : IAsyncDisposable
{
    private const int Attempts = 2;
    private const int ProofAttempts = 20;
    private static readonly TimeSpan ProofPause = TimeSpan.FromMilliseconds(100);

    // A server that refuses logins must not be flooded with new connections of many agents.
    private static readonly TimeSpan BetweenRefusals = TimeSpan.FromSeconds(1);

    // A slow server gets slower with each client that reconnects.
    private static readonly TimeSpan BetweenTimeouts = TimeSpan.FromSeconds(30);

    private readonly Replaceable<RedisLink> _link;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private RedisConnectionOptions _given;
    private long? _reconnectedAt; // _gate

    /// <summary>Prepares the connection; the first command opens it.</summary>
    public RedisWorld(RedisConnectionOptions options, TimeProvider clock)
    {
        (_given, _clock) = (options, clock);
        _link = new Replaceable<RedisLink>(LinkOf(options));
        Keys = new RedisKeys(options.KeyPrefix);
    }

    internal RedisKeys Keys { get; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>
    /// Switches to other credentials, CAs or another address, once a connection with them has answered. Until then the
    /// present connection stays in use. One call at a time.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// No connection is possible with them; the former ones stay in use.
    /// </exception>
    public async Task UseAsync(RedisConnectionOptions options, CancellationToken cancellationToken)
    {
        if (options == _given)
            return;
        if (options.KeyPrefix != _given.KeyPrefix)
            throw RedisFailures.OtherKeys(_given.KeyPrefix, options.KeyPrefix);

        var next = await ProvenAsync(options, cancellationToken);
        while (!await _link.TryReplaceAsync(_link.Current, next))
        {
            // A refused login has already switched to the other password.
        }

        _given = options;
    }

    /// <summary>
    /// Runs a command. If a server that is not the primary refuses it, sends it once more on a new connection: a
    /// refused command had no effect.
    /// </summary>
    internal async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> action, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var link = _link.Use();
            try
            {
                return await link.Value.RunAsync(action, cancellationToken);
            }
            catch (Exception exception) when (RedisFailures.IsOutage(exception))
            {
                if (RedisFailures.IsOfAnotherServer(exception)
                    && await TryReconnectAsync(link.Value, BetweenRefusals) && attempt < Attempts)
                    continue;
                if (link.Value.IsSpent && await TryReconnectAsync(link.Value, BetweenRefusals)
                    && RedisFailures.WasNotSent(exception) && attempt < Attempts)
                    continue;
                if (exception is TimeoutException)
                    await TryReconnectAsync(link.Value, BetweenTimeouts);
                await TryOtherPasswordAsync(exception, link.Value);
                throw await TranslateAsync(exception, link.Value, cancellationToken);
            }
        }
    }

    // Returns false if the connection was replaced shortly before and still leads to the same server.
    private async Task<bool> TryReconnectAsync(RedisLink stale, TimeSpan pause)
    {
        RedisLink next;
        Task<bool> replacing;
        lock (_gate)
        {
            if (_link.Current != stale)
                return true;
            if (_reconnectedAt is { } last && _clock.GetElapsedTime(last) < pause)
                return false;

            // Replace the connection before releasing _gate: another thread whose command failed at the same time must
            // find the new connection, or it would see only a recent _reconnectedAt and give up.
            _reconnectedAt = _clock.GetTimestamp();
            next = LinkOf(stale.Options);
            replacing = _link.TryReplaceAsync(stale, next);
        }

        if (!await replacing)
            await next.DisposeAsync();
        return true;
    }

    // During a rotation the server accepts one of two passwords, and which one may change between two logins. The
    // caller tries the command again.
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
                // The client library reports that there is no connection before it reports the reason.
                if (attempt < ProofAttempts && link.LatestFailure is null
                    && exception is not SentinelException)
                {
                    await Task.Delay(ProofPause, TimeProvider.System, cancellationToken);
                    continue;
                }

                var other = RedisFailures.IsRefusedLogin(link.LatestFailure) ? options.WithOtherPassword() : null;
                var failure = await TranslateAsync(exception, link, cancellationToken);
                await link.DisposeAsync();
                return other is null
                    ? throw failure
                    : await ProvenAsync(other with { NextPassword = null }, cancellationToken);
            }
        }
    }

    private static async Task<StoreUnavailableException> TranslateAsync(
        Exception exception, RedisLink link, CancellationToken cancellationToken) =>
        RedisFailures.Translate(
            exception,
            RedisFailures.IsWithoutConnection(exception) ? await link.FindCauseAsync(cancellationToken) : null,
            link.Options.Place);

    private static RedisLink LinkOf(RedisConnectionOptions options) => new(options, Configuration(options));

    private static ConfigurationOptions Configuration(RedisConnectionOptions options) => new()
    {
        User = options.Username,
        Password = options.Password,
        Ssl = options.Tls,
        SslClientAuthenticationOptions = StoreTls.ForHost(options.RootCertificate, options.Client),
        ClientName = "aether-agent",
        AbortOnConnectFail = false,
        BacklogPolicy = BacklogPolicy.FailFast,
        ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds,
        AsyncTimeout = (int)options.CommandTimeout.TotalMilliseconds,
        // Both features would use keys and channels outside the world's prefix.
        TieBreaker = "",
        ConfigurationChannel = "",
    };
}
