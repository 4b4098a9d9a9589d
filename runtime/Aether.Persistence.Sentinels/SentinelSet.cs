using System.Globalization;
using System.Net;
using System.Security.Authentication;
using Aether.Persistence.Contracts;
using StackExchange.Redis;

namespace Aether.Persistence.Sentinels;

/// <summary>Asks all sentinels for the primary, and believes the sentinel that knows of the latest failover.</summary>
/// <remarks>
/// After a failover, a sentinel that was cut off still names the former primary. The sentinels number their
/// failovers, so the highest number (config-epoch) is the truth.
/// </remarks>
/// <param name="options">The sentinels.</param>
/// <param name="like">Connection settings of the data servers; sentinels use the same TLS settings.</param>
public sealed class SentinelSet(SentinelOptions options, ConfigurationOptions like)
{
    private static readonly string[] Refusals = ["WRONGPASS", "NOAUTH", "NOPERM"];
    private static readonly string[] Unreached = ["s_down", "o_down", "disconnected"];

    /// <summary>The present servers.</summary>
    /// <exception cref="SentinelException">No sentinel names a primary.</exception>
    public async Task<SentinelView> AskAsync(CancellationToken cancellationToken)
    {
        var hosts = options.Hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var answers = await Task.WhenAll(hosts.Select(AskOneAsync)).WaitAsync(cancellationToken);
        return answers.Select(answer => answer.View).OfType<SentinelView>().MaxBy(view => view.Epoch)
            ?? throw Explain([.. answers.Select(answer => answer.Failure).OfType<SentinelException>()]);
    }

    private async Task<(SentinelView? View, SentinelException? Failure)> AskOneAsync(string host)
    {
        try
        {
            await using var connection = await TlsConnection.OpenToSentinelAsync(Configuration(host));
            return await ReadAsync(connection.GetServer(connection.GetEndPoints()[0]), host);
        }
        catch (Exception cause) when (cause is RedisException or TimeoutException)
        {
            return (null, Translate(cause, host));
        }
    }

    private async Task<(SentinelView?, SentinelException?)> ReadAsync(IServer sentinel, string host)
    {
        if (await sentinel.SentinelGetMasterAddressByNameAsync(options.MasterName) is not { } primary)
            return (null, Unknown(host));

        var state = Fields(await sentinel.SentinelMasterAsync(options.MasterName));
        var replicas = (await sentinel.SentinelReplicasAsync(options.MasterName)).Select(Fields)
            .Where(replica => replica.ContainsKey("ip") && replica.ContainsKey("port"))
            .ToLookup(replica => IsReached(replica.GetValueOrDefault("flags", "")), EndPointOf);
        var epoch = long.Parse(state.GetValueOrDefault("config-epoch", "0"), CultureInfo.InvariantCulture);
        return (new SentinelView(
            primary,
            epoch,
            // A former primary that the sentinel has not yet made a replica stays in its list under the old address.
            [.. replicas[true].Where(replica => !replica.Equals(primary))],
            [.. replicas[false].Where(replica => !replica.Equals(primary))]), null);
    }

    private ConfigurationOptions Configuration(string host)
    {
        var patience = (int)options.Patience.TotalMilliseconds;
        return new ConfigurationOptions
        {
            EndPoints = { host },
            User = options.Username,
            Password = options.Password,
            Ssl = like.Ssl,
            SslClientAuthenticationOptions = like.SslClientAuthenticationOptions,
            ClientName = like.ClientName,
            AllowAdmin = true,
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = patience,
            AsyncTimeout = patience,
            SyncTimeout = patience,
        };
    }

    private SentinelException Translate(Exception cause, string host)
    {
        // The client counts a failed handshake as a refused user.
        if (TlsAlert.Find(cause) is not null || Chain(cause).Any(each => each is AuthenticationException))
            return new(SentinelFailure.Tls, $"No TLS with sentinel {host}: {cause.GetBaseException().Message}", cause)
            {
                Sentinel = host,
            };
        var text = string.Join(' ', Chain(cause).Select(each => each.Message));
        if (Contains(text, "No such master"))
            return Unknown(host);
        if (Contains(text, "unknown command"))
            return new(SentinelFailure.NotASentinel,
                $"{host} is not a sentinel: put the sentinels' addresses into spec.redis.sentinel.hosts, and that of a "
                + "server with data into spec.redis.endpoint.", cause);
        if (Refusals.Any(code => Contains(text, code))
            || cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure })
            return new(SentinelFailure.Refused,
                $"Sentinel {host} refuses user '{options.Username ?? "default"}': {cause.Message.TrimEnd('.')}. Put "
                + "username and password of the sentinels into the Secret of spec.redis.sentinel.credentialsSecretRef; "
                + "the user needs what docs/operator.md lists.", cause);
        return new(SentinelFailure.NoneAnswers,
            $"No sentinel answers at {options.Hosts} ({host}: {cause.Message.TrimEnd('.')}). Check "
            + "spec.redis.sentinel.hosts, spec.redis.tls and the network between.", cause);
    }

    private SentinelException Unknown(string host) => new(
        SentinelFailure.UnknownMaster,
        $"The sentinel at {host} knows no primary by the name '{options.MasterName}': put the name that its "
        + "configuration has after 'sentinel monitor' into spec.redis.sentinel.masterName.",
        null);

    // An answer explains more than a sentinel that does not answer.
    private static SentinelException Explain(List<SentinelException> failures) =>
        failures.Find(failure => failure.Failure != SentinelFailure.NoneAnswers) ?? failures[0];

    private static Dictionary<string, string> Fields(KeyValuePair<string, string>[] pairs)
    {
        var fields = new Dictionary<string, string>();
        foreach (var (name, value) in pairs)
            fields[name] = value;
        return fields;
    }

    private static EndPoint EndPointOf(Dictionary<string, string> replica)
    {
        var port = int.Parse(replica["port"], CultureInfo.InvariantCulture);
        return IPAddress.TryParse(replica["ip"], out var address)
            ? new IPEndPoint(address, port)
            : new DnsEndPoint(replica["ip"], port);
    }

    private static bool IsReached(string flags) => !Unreached.Any(flag => flags.Split(',').Contains(flag));

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
            yield return current;
    }
}
