using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Grpc.Core;
using StackExchange.Redis;

namespace Aether.Agent.Tests.Servers;

/// <summary>An Ephemeral world whose snapshots lie in a Redis that sentinels fail over.</summary>
public sealed class EphemeralSentinelTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ServerWorld _world = new();
    private readonly RedisSentinelSet _redis = new();
    private readonly TemporaryFolder _folder = new("ephemeral");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        await Task.WhenAll(_world.InitializeAsync().AsTask(), _redis.StartAsync(ReplicateAsync, Cancellation));

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _redis.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task A_world_stores_its_snapshots_across_a_failover_by_sentinels()
    {
        await using (var agent = await StartAsync())
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await client.CommitAsync(Put("before"), Cancellation);
            await client.SnapshotAsync(Cancellation);
            await _redis.First.KillAsync();
            await client.CommitAsync(Put("since"), Cancellation);
            await SnapshotAsync(client);
            await client.CommitAsync(Put("last"), Cancellation);

            Assert.Equal((int)ExitCode.Stopped, await agent.StopAsync());
        }

        await using var next = await StartAsync();
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

    private static async Task ReplicateAsync(RedisServer server, string host, string port)
    {
        await using var admin = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { server.Endpoint },
            Password = server.AdminPassword,
            AllowAdmin = true,
        });
        await admin.GetServer(server.Endpoint).ExecuteAsync("REPLICAOF", host, port);
    }

    private Task<AgentProcess> StartAsync() => _world.StartAgentAsync(
        _folder,
        "first",
        (AetherVariables.WorldClass, "Ephemeral"),
        (AetherVariables.CriticalKinds, ""),
        (AetherVariables.SnapshotIntervalSeconds, "3600"),
        (AetherVariables.RedisSentinels, _redis.Hosts),
        (AetherVariables.RedisSentinelMaster, RedisSentinelSet.MasterName),
        (AetherVariables.RedisUsername, _redis.First.AdminUsername),
        (AetherVariables.RedisPassword, _redis.First.AdminPassword),
        (AetherVariables.RedisKeyPrefix, "aether:{economy}:"));

    private static WorldCommit Put(string id) => new WorldCommit().Put(new("k", id), new byte[] { 1 });
}
