using Aether.Persistence.Contracts;
using StackExchange.Redis;

namespace Aether.Persistence.Sentinels;

/// <summary>
/// Connects to Redis or to a sentinel. If the server refuses the client's certificate, the exception holds the server's
/// alert, which the client library may lose.
/// </summary>
public static class TlsConnection
{
    /// <summary>Connects to a server that holds data.</summary>
    /// <exception cref="RedisConnectionException">The server cannot be reached, or refuses this client.</exception>
    public static Task<ConnectionMultiplexer> OpenAsync(ConfigurationOptions options) =>
        OpenAsync(options, ConnectionMultiplexer.ConnectAsync(options));

    /// <summary>Connects to a sentinel.</summary>
    /// <exception cref="RedisConnectionException">The sentinel cannot be reached, or refuses this client.</exception>
    public static Task<ConnectionMultiplexer> OpenToSentinelAsync(ConfigurationOptions options) =>
        OpenAsync(options, ConnectionMultiplexer.SentinelConnectAsync(options));

    /// <summary>
    /// The exception of the server that refuses the client's certificate; null if none of the options' servers does.
    /// </summary>
    public static Task<Exception?> FindRefusalAsync(ConfigurationOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Ssl
            ? TlsProbe.Redis.FindRefusalAsync(
                options.EndPoints.Select(endpoint => Format(endpoint)), options.SslClientAuthenticationOptions,
                cancellationToken)
            : Task.FromResult<Exception?>(null);
    }

    private static async Task<ConnectionMultiplexer> OpenAsync(
        ConfigurationOptions options, Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            return await connecting;
        }
        catch (RedisConnectionException failure) when (
            failure.FailureType != ConnectionFailureType.AuthenticationFailure && TlsAlert.Find(failure) is null)
        {
            if (await FindRefusalAsync(options, CancellationToken.None) is { } refusal)
                throw new RedisConnectionException(
                    failure.FailureType, CommandFlags.None, failure.Message, refusal);
            throw;
        }
    }

    private static string Format(System.Net.EndPoint endpoint) => endpoint switch
    {
        System.Net.DnsEndPoint host => $"{host.Host}:{host.Port}",
        _ => $"{endpoint}",
    };
}
