using System.Net;
using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>The administrators' connections to Redis: one per server and backend, shared by all reconciles.</summary>
internal sealed class RedisConnections(TimeProvider clock) : IAsyncDisposable
{
    private const int TimeoutMilliseconds = 5000;
    private const int ReplicaTimeoutMilliseconds = 2000;

    private readonly SharedConnections<ConnectionMultiplexer> _connections =
        new(connection => connection.IsConnected, FaultOf, clock);

    /// <summary>Number of open connections.</summary>
    public int Count => _connections.Count;

    /// <summary>Uses the primary. The sentinels, if there are any, are asked for it each time (ADR 0040).</summary>
    /// <exception cref="SentinelException">The sentinels do not name a primary.</exception>
    public async Task<T> UseAsync<T>(RedisAccess access, Func<RedisAdmin, Task<T>> use)
    {
        if (access.Sentinel is not { } sentinel)
        {
            var options = Options(access, TimeoutMilliseconds);
            options.EndPoints.Add(access.Endpoint);
            return await _connections.UseAsync(
                KeyOf(access, access.Endpoint),
                () => TlsConnection.OpenAsync(options),
                connection => use(new RedisAdmin(connection)));
        }

        var view = await new SentinelSet(sentinel, Options(access, TimeoutMilliseconds))
            .AskAsync(CancellationToken.None);
        return await UseAsync(access, view.Primary, TimeoutMilliseconds, connection => use(new RedisAdmin(connection)
        {
            Replicas = view.Replicas,
            LostReplicas = view.Lost,
        }));
    }

    /// <summary>Uses one of <see cref="RedisAdmin.Replicas"/>.</summary>
    public Task<T> UseReplicaAsync<T>(RedisAccess access, EndPoint replica, Func<RedisAdmin, Task<T>> use) =>
        UseAsync(access, replica, ReplicaTimeoutMilliseconds, connection => use(new RedisAdmin(connection)));

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private Task<T> UseAsync<T>(
        RedisAccess access, EndPoint server, int connectMilliseconds, Func<ConnectionMultiplexer, Task<T>> use)
    {
        var options = Options(access, connectMilliseconds);
        options.EndPoints.Add(server);
        return _connections.UseAsync(
            KeyOf(access, $"{server} {connectMilliseconds}"), () => TlsConnection.OpenAsync(options), use);
    }

    private static string KeyOf(RedisAccess access, string server) => StorePlace.Fingerprint(
        server, access.Tls.ToString(), access.Username, access.Password, access.Certificates.Fingerprint);

    private static ConfigurationOptions Options(RedisAccess access, int connectMilliseconds) => new()
    {
        User = access.Username,
        Password = access.Password,
        Ssl = access.Tls,
        SslClientAuthenticationOptions = access.Certificates.ForHost(),
        // Replies of ACL GETUSER are parsed in their RESP2 form.
        Protocol = RedisProtocol.Resp2,
        AllowAdmin = true,
        AbortOnConnectFail = true,
        ConnectRetry = 1,
        ConnectTimeout = connectMilliseconds,
        AsyncTimeout = TimeoutMilliseconds,
        SyncTimeout = TimeoutMilliseconds,
        ClientName = OperatorNames.Operator,
        ConfigurationChannel = "",
        TieBreaker = "",
        // A cut connection is replaced at its next use. By itself, the client would log in again and again, also with a
        // password that is refused.
        ReconnectRetryPolicy = new NoReconnect(),
        BacklogPolicy = BacklogPolicy.FailFast,
    };

    private static ConnectionFault FaultOf(Exception exception) => exception switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } or TimeoutException =>
            ConnectionFault.Suspect,
        RedisConnectionException => ConnectionFault.Stale,

        // After a failover, the address may lead to another server than the connection does.
        ProvisioningException { Reason: StoreReason.ReadOnlyReplica } => ConnectionFault.Stale,
        RedisServerException refusal => RedisAnswers.CodeOf(refusal.Message) switch
        {
            "READONLY" or "MASTERDOWN" => ConnectionFault.Stale,
            "NOAUTH" or "WRONGPASS" => ConnectionFault.Suspect,
            _ => ConnectionFault.None,
        },
        _ => ConnectionFault.None,
    };

    private sealed class NoReconnect : IReconnectRetryPolicy
    {
        public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) => false;
    }
}
