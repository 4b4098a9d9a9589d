using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;

namespace Aether.Agent.Tests.Api;

/// <summary>A world whose agent restarts in place, each time for less than the retry deadline.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new("restart");
    private readonly LeapingClock _clock = new();
    private LocalAgent _agent = null!;
    private AetherWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _agent = await LocalAgent.StartAsync(_folder.Path);
        _world = await AetherWorld.ConnectAsync(
            new AetherWorldOptions { SocketPath = _agent.Endpoints.SocketPath, Clock = _clock }, Cancellation);
    }

    [Fact]
    public async Task Outage_while_a_stream_has_nothing_to_send_uses_up_no_retries()
    {
        await using var stream = _world.OpenCommitStream();
        await stream.CommitAsync(Put("1"), Cancellation);
        await LoseAgentAsync();
        _clock.Pass(Hour);

        var retried = _clock.NextWait;
        var committed = stream.CommitAsync(Put("2"), Cancellation);
        await Task.WhenAny(retried, committed);
        _agent = await LocalAgent.StartAsync(_folder.Path);

        Assert.Equal(2UL, (await committed).Sequence);
    }

    [Fact]
    public async Task Reconnected_subscription_has_all_its_retries_even_without_an_event()
    {
        await using var events = _world.SubscribeEventsAsync("", 0, Cancellation).GetAsyncEnumerator(Cancellation);
        await _world.PublishEventAsync("first", default, Cancellation);
        await events.MoveNextAsync();
        var next = events.MoveNextAsync().AsTask();

        for (var restart = 0; restart < 2; restart++)
        {
            await LoseAgentAsync();
            _agent = await LocalAgent.StartAsync(_folder.Path);
            await SubscribedAsync();
            _clock.Pass(Hour);
        }

        await using var publisher = await _agent.Endpoints.ConnectAsync();
        await publisher.PublishEventAsync("second", default, Cancellation);
        Assert.True(await next);
        Assert.Equal("second", events.Current.Type);
    }

    [Fact]
    public async Task A_subscription_to_a_recreated_event_stream_ends_with_both_positions_and_what_to_do()
    {
        await using var events = _world.SubscribeEventsAsync("", 0, Cancellation).GetAsyncEnumerator(Cancellation);
        var had = await _world.PublishEventAsync("first", default, Cancellation);
        await events.MoveNextAsync();
        var next = events.MoveNextAsync().AsTask();

        await LoseAgentAsync();
        Directory.Delete(_folder.Path, recursive: true);
        Directory.CreateDirectory(_folder.Path);
        _agent = await LocalAgent.StartAsync(_folder.Path);

        var ended = await Assert.ThrowsAsync<InvalidCommitException>(() => next);
        Assert.Equal(("after_sequence", 0UL, had), (ended.Field, ended.Limit, ended.Actual));
        Assert.Contains("read the state again", ended.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _agent.DisposeAsync();
        _folder.Dispose();
    }

    private static WorldCommit Put(string id) => new WorldCommit(id).Put(new("k", id), new byte[1]);

    // Returns once the open calls have noticed.
    private async Task LoseAgentAsync()
    {
        var noticed = _clock.NextWait;
        await _agent.DisposeAsync();
        await noticed;
    }

    private async Task SubscribedAsync()
    {
        while (!(await _agent.Endpoints.Health.GetStringAsync("metrics", Cancellation))
            .Contains("\naether_agent_event_subscriptions 1\n", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
    }
}
