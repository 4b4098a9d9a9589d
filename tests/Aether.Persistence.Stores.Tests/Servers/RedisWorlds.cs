using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.Redis;
using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>Makes worlds in Redis as the operator does: a user that may only touch its own keys.</summary>
internal static class RedisWorlds
{
    private const string Rights =
        "-@all +@read +@write +@connection +@transaction -@admin -@dangerous -scan +eval +evalsha +script|load +info";

    public static async Task<RedisConnectionOptions> CreateAsync(RedisServer server, string name)
    {
        var names = WorldNames.For("tests", name);
        var password = Secrets.NewPassword();
        await using var admin = await AdminAsync(server);
        string[] rules = ["reset", "on", ">" + password, $"~{names.RedisKeyPrefix}*", .. Rights.Split(' ')];
        await admin.GetDatabase().ExecuteAsync("ACL", ["SETUSER", names.RedisUser, .. rules]);
        await admin.GetDatabase().ExecuteAsync("ACL", "SAVE");
        return new RedisConnectionOptions
        {
            Endpoint = server.Endpoint,
            Username = names.RedisUser,
            Password = password,
            KeyPrefix = names.RedisKeyPrefix,
        };
    }

    public static Task<ConnectionMultiplexer> AdminAsync(RedisServer server) =>
        ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { server.Endpoint },
            User = server.AdminUsername,
            Password = server.AdminPassword,
            AllowAdmin = true,
        });
}
