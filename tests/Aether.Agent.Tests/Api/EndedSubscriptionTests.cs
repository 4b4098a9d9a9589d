using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;

namespace Aether.Agent.Tests.Api;

/// <summary>Subscriptions that an agent ends in order, as older versions did when they stopped.</summary>
[Trait("Kind", "Unit")]
public sealed class EndedSubscriptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("ended");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ended_subscription_is_resumed_after_its_last_event()
    {
        await using var agent = await EndingAgent.StartAsync(_folder.File("agent.sock"));
        await using var world = await ConnectAsync(agent, new RetryPolicy());

        var events = await world.SubscribeEventsAsync("", 7, Cancellation).Take(3).ToListAsync(Cancellation);

        Assert.Equal([8UL, 9UL, 10UL], events.Select(one => one.EventSequence));
    }

    [Fact]
    public async Task Ended_subscription_without_retries_throws_AgentUnavailable()
    {
        await using var agent = await EndingAgent.StartAsync(_folder.File("agent.sock"));
        await using var world = await ConnectAsync(agent, RetryPolicy.None);

        await Assert.ThrowsAsync<AgentUnavailableException>(
            () => world.SubscribeEventsAsync("", 0, Cancellation).Take(2).ToListAsync(Cancellation).AsTask());
    }

    public void Dispose() => _folder.Dispose();

    private static Task<AetherWorld> ConnectAsync(EndingAgent agent, RetryPolicy retry) => AetherWorld.ConnectAsync(
        new AetherWorldOptions { SocketPath = agent.SocketPath, Retry = retry }, Cancellation);
}
