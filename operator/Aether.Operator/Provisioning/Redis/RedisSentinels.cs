using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>Detects a sentinel, to which the client cannot connect as to a server with data.</summary>
internal static class RedisSentinels
{
    private const int TimeoutMilliseconds = 1000;

    /// <summary>Whether a sentinel answers at the address; false also if it requires a password.</summary>
    public static async Task<bool> AnswersAsync(RedisAccess access)
    {
        try
        {
            await using var connection = await ConnectionMultiplexer.SentinelConnectAsync(new ConfigurationOptions
            {
                EndPoints = { access.Endpoint },
                Ssl = access.Tls,
                SslClientAuthenticationOptions = access.Certificates.ForHost(),
                AllowAdmin = true,
                AbortOnConnectFail = true,
                ConnectRetry = 1,
                ConnectTimeout = TimeoutMilliseconds,
                AsyncTimeout = TimeoutMilliseconds,
                ClientName = OperatorNames.Operator,
            });
            var server = connection.GetServer(connection.GetEndPoints()[0]);
            var info = (await server.ExecuteAsync("INFO", "server")).ToString();
            return info.Contains("_mode:sentinel", StringComparison.Ordinal);
        }
        catch (Exception exception) when (RedisFailures.IsExpected(exception))
        {
            // Not a sentinel, or a sentinel without an answer: report the caller's first failure.
            return false;
        }
    }
}
