using Aether.TestServers;
using NATS.Client.Core;
using StackExchange.Redis;

namespace Aether.Operator.Tests;

/// <summary>The tests' own connections to the stores.</summary>
internal static class StoreClients
{
    public static Task<ConnectionMultiplexer> ConnectAsync(RedisServer server) =>
        ConnectAsync(server.Endpoint, server.AdminUsername, server.AdminPassword);

    public static async Task<ConnectionMultiplexer> ConnectAsync(string endpoint, string username, string password) =>
        await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { endpoint },
            User = username,
            Password = password,
            AllowAdmin = true,
            Protocol = RedisProtocol.Resp2,
            ConnectTimeout = (int)TestServer.ClientPatience.TotalMilliseconds,
            AsyncTimeout = (int)TestServer.ClientPatience.TotalMilliseconds,
        });

    public static NatsConnection Connect(NatsServer server) => new(new NatsOpts
    {
        Url = server.Url,
        ConnectTimeout = TestServer.ClientPatience,
        RequestTimeout = TestServer.ClientPatience,
        AuthOpts = new NatsAuthOpts { Username = server.AdminUsername, Password = server.AdminPassword },
    });
}
