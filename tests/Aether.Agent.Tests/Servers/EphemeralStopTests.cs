using Aether.Agent.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Servers;

/// <summary>The orderly stop of an Ephemeral world with its snapshots in Redis.</summary>
public sealed class EphemeralStopTests : IAsyncLifetime
{
    private readonly EphemeralWorld _world = new();
    private readonly RedisServer _redis = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        await Task.WhenAll(_world.InitializeAsync(), _redis.StartAsync(Cancellation));

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Stop_that_cannot_store_the_last_snapshot_exits_with_6_and_names_what_is_lost()
    {
        await using var agent = await StartAsync(_redis, _redis.Endpoint, (AetherVariables.StopGraceSeconds, "1"));
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.CommitAsync(EphemeralWorld.Put("kept"), Cancellation);
        await client.SnapshotAsync(Cancellation);
        await client.CommitAsync(EphemeralWorld.Put("lost"), Cancellation);
        await _redis.StopAsync();

        var exitCode = await agent.StopAsync();
        var line = await agent.SaysAsync("are lost");

        Assert.Equal((int)ExitCode.Incomplete, exitCode);
        Assert.Contains("commits 2 to 2 are lost", line, StringComparison.Ordinal);
        Assert.Contains(_redis.Endpoint, line, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F04")]
    public async Task Failover_behind_one_address_costs_an_orderly_stop_nothing()
    {
        await using var pair = new RedisPair();
        await pair.StartAsync(Cancellation);
        await using (var agent = await StartAsync(pair.Primary, pair.Endpoint))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await client.CommitAsync(EphemeralWorld.Put("before"), Cancellation);
            await client.SnapshotAsync(Cancellation);
            await pair.SwapAsync(Cancellation);
            pair.Follow();
            for (var i = 0; i < 12; i++)
                await client.CommitAsync(EphemeralWorld.Put($"since {i}"), Cancellation);

            Assert.Equal((int)ExitCode.Stopped, await agent.StopAsync());
        }

        await using var next = await StartAsync(pair.Primary, pair.Primary.Endpoint);
        await using var world = await next.Endpoints.ConnectAsync();
        Assert.Equal(13UL, (await world.RecoverAsync(Cancellation)).Sequence);
    }

    private Task<AgentProcess> StartAsync(
        RedisServer server, string endpoint, params (string Name, string Value)[] more) =>
        _world.StartAsync(server, [(AetherVariables.RedisEndpoint, endpoint), .. more]);
}
