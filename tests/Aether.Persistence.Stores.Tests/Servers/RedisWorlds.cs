using System.Globalization;
using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.Redis;
using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>Creates worlds in Redis as the operator does: a user with access only to its own keys.</summary>
internal static class RedisWorlds
{
    private const string Rights =
        "-@all +@read +@write +@connection +@transaction -@admin -@dangerous -scan +eval +evalsha +script|load +info";

    public static Task<RedisConnectionOptions> CreateAsync(RedisServer server, string name) =>
        CreateAsync(server, name, Secrets.NewPassword());

    public static async Task<RedisConnectionOptions> CreateAsync(RedisServer server, string name, string password)
    {
        var names = WorldNames.For("tests", name);
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

    /// <summary>Sends one command as the administrator.</summary>
    public static async Task<RedisResult> SendAsync(RedisServer server, string command)
    {
        await using var admin = await AdminAsync(server);
        var words = command.Split(' ');
        return await admin.GetServer(server.Endpoint).ExecuteAsync(words[0], [.. words[1..]]);
    }

    /// <summary>Waits until a replica has the primary's present data.</summary>
    public static async Task ReplicatedAsync(RedisServer primary, RedisServer replica)
    {
        var wanted = await OffsetAsync(primary, "master_repl_offset:");
        while (await OffsetAsync(replica, "slave_repl_offset:") < wanted)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>Makes the server try to save its data until it knows that it cannot.</summary>
    public static async Task FailToSaveAsync(RedisServer server)
    {
        await SendAsync(server, "BGSAVE");
        while (!(await SendAsync(server, "INFO persistence")).ToString().Contains("rdb_last_bgsave_status:err"))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static async Task<long> OffsetAsync(RedisServer server, string field) => long.Parse(
        (await server.ExecuteAsync(TestContext.Current.CancellationToken, "INFO", "replication")).Split('\n')
            .First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..],
        CultureInfo.InvariantCulture);

    public static Task<ConnectionMultiplexer> AdminAsync(RedisServer server) =>
        ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { server.Endpoint },
            User = server.AdminUsername,
            Password = server.AdminPassword,
            AllowAdmin = true,
            ConnectTimeout = (int)TestServer.ClientPatience.TotalMilliseconds,
            AsyncTimeout = (int)TestServer.ClientPatience.TotalMilliseconds,
        });
}
