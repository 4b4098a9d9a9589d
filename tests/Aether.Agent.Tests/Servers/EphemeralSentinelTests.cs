using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Grpc.Core;

namespace Aether.Agent.Tests.Servers;

/// <summary>An Ephemeral world with its snapshots in a Redis that sentinels fail over.</summary>
public sealed class EphemeralSentinelTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly EphemeralWorld _world = new();
    private readonly TestAuthority _servers = new();
    private readonly TestAuthority _clients = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _servers.Dispose();
        _clients.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Field", "F04")]
    public async Task A_world_stores_its_snapshots_across_a_failover_by_sentinels(bool tls)
    {
        await using var redis = new RedisSentinelSet(
            password: null, certificate: tls ? _servers.IssuePeer(_clients) : null);
        await redis.StartAsync(Cancellation);
        await using (var agent = await StartAsync(redis, tls))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await client.CommitAsync(EphemeralWorld.Put("before"), Cancellation);
            await client.SnapshotAsync(Cancellation);
            await redis.First.KillAsync();
            await client.CommitAsync(EphemeralWorld.Put("since"), Cancellation);
            await SnapshotAsync(client);
            await client.CommitAsync(EphemeralWorld.Put("last"), Cancellation);

            Assert.Equal((int)ExitCode.Stopped, await agent.StopAsync());
        }

        await using var next = await StartAsync(redis, tls);
        await using var world = await next.Endpoints.ConnectAsync();
        Assert.Equal(3UL, (await world.RecoverAsync(Cancellation)).Sequence);
    }

    private static async Task SnapshotAsync(AetherWorld client)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(Patience);
        while (true)
        {
            try
            {
                await client.SnapshotAsync(deadline.Token);
                return;
            }
            catch (RpcException outage) when (outage.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, deadline.Token);
            }
        }
    }

    private Task<AgentProcess> StartAsync(RedisSentinelSet redis, bool tls) => _world.StartAsync(
        redis.First,
        [
            (AetherVariables.RedisSentinels, redis.Hosts),
            (AetherVariables.RedisSentinelMaster, RedisSentinelSet.MasterName),
            .. tls ? Tls() : [],
        ]);

    private (string Name, string Value)[] Tls()
    {
        var own = _clients.IssueClient("agents");
        return
        [
            (AetherVariables.RedisTls, "true"),
            (AetherVariables.RedisRootCertificate, _servers.Pem),
            (AetherVariables.RedisClientCertificate, own.Certificate),
            (AetherVariables.RedisClientKey, own.Key),
        ];
    }
}
