using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>A Redis Cluster of three masters.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private static readonly int[] Ends = [0, 5461, 10923, Slots];

    private readonly List<ConnectionMultiplexer> _clients = [];

    private RedisCluster(IReadOnlyList<RedisServer> members) => Members = members;

    public IReadOnlyList<RedisServer> Members { get; }

    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken)
    {
        var password = Secrets.NewPassword();
        var buses = Enumerable.Range(0, Ends.Length - 1).Select(_ => $"{FreePort.Next()}").ToList();
        var members = buses
            .Select(bus => new RedisServer(null, password, "--cluster-enabled", "yes", "--cluster-port", bus)).ToList();
        var cluster = new RedisCluster(members);
        foreach (var member in members)
        {
            await member.StartAsync(cancellationToken);
            cluster._clients.Add(await StoreClients.ConnectAsync(member));
        }

        for (var i = 0; i < members.Count; i++)
        {
            await cluster.SendAsync(members[i], "CLUSTER", "ADDSLOTSRANGE", $"{Ends[i]}", $"{Ends[i + 1] - 1}");
            await cluster.SendAsync(members[i], "CLUSTER", "SET-CONFIG-EPOCH", $"{i + 1}");
            await cluster.SendAsync(members[0], "CLUSTER", "MEET", members[i].Host, $"{members[i].Port}", buses[i]);
        }

        foreach (var member in members)
        {
            while (!await cluster.IsWholeAsync(member))
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        return cluster;
    }

    public Task<RedisResult> SendAsync(RedisServer member, string command, params object[] arguments) =>
        _clients[Members.ToList().IndexOf(member)].GetServer(member.Endpoint).ExecuteAsync(command, arguments);

    public async Task<IReadOnlyList<string[]>> UsersAsync()
    {
        var users = new List<string[]>();
        foreach (var member in Members)
            users.Add((string[])(await SendAsync(member, "ACL", "USERS"))!);
        return users;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        foreach (var member in Members)
            await member.DisposeAsync();
    }

    private async Task<bool> IsWholeAsync(RedisServer member)
    {
        var info = (await SendAsync(member, "CLUSTER", "INFO")).ToString();
        return info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains($"cluster_known_nodes:{Members.Count}", StringComparison.Ordinal);
    }
}
