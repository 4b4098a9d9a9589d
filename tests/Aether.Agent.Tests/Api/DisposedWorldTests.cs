using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;

namespace Aether.Agent.Tests.Api;

/// <summary>Calls that are open when their world is disposed, and calls that start afterwards.</summary>
public sealed class DisposedWorldTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("disposed");
    private readonly LeapingClock _clock = new();
    private LocalAgent _agent = null!;
    private AetherWorld _world = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _agent = await LocalAgent.StartAsync(_folder.Path);
        _world = await ConnectAsync(_agent.Endpoints.SocketPath);
    }

    [Fact]
    public async Task An_open_subscription_ends_with_its_world()
    {
        await using var events = _world.SubscribeEventsAsync("", 0, Cancellation).GetAsyncEnumerator(Cancellation);
        await _world.PublishEventAsync("first", default, Cancellation);
        await events.MoveNextAsync();
        var next = events.MoveNextAsync().AsTask();

        await _world.DisposeAsync();

        await EndedAsync(next);
    }

    [Fact]
    public async Task A_subscription_that_waits_for_an_agent_ends_with_its_world()
    {
        await using var events = _world.SubscribeEventsAsync("", 0, Cancellation).GetAsyncEnumerator(Cancellation);
        await _world.PublishEventAsync("first", default, Cancellation);
        await events.MoveNextAsync();
        var waits = _clock.NextWait;
        var next = events.MoveNextAsync().AsTask();
        await _agent.DisposeAsync();
        await waits;

        await _world.DisposeAsync();

        await EndedAsync(next);
    }

    [Fact]
    public async Task Cancelled_call_reports_the_cancellation_also_when_its_world_is_disposed()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var events = _world.SubscribeEventsAsync("", 0, over.Token).GetAsyncEnumerator(Cancellation);
        await _world.PublishEventAsync("first", default, Cancellation);
        await events.MoveNextAsync();

        await over.CancelAsync();
        await _world.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => events.MoveNextAsync().AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _world.GetAsync(new("k", "a"), cancellationToken: over.Token));
    }

    [Fact]
    public async Task Watched_watermarks_end_with_their_world()
    {
        await using var marks = _world.WatchWatermarksAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        await marks.MoveNextAsync();
        var next = marks.MoveNextAsync().AsTask();

        await _world.DisposeAsync();

        await EndedAsync(next);
    }

    [Fact]
    public async Task Started_recovery_ends_with_its_world()
    {
        await _world.CommitAsync(Put(new WorldCommit()), Cancellation);
        var state = await _world.RecoverAsync(Cancellation);

        await _world.DisposeAsync();

        await EndedAsync(state.Entries.ToListAsync(Cancellation).AsTask());
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("key", 1)]
    [InlineData(null, 300_000)]
    [InlineData("key", 300_000)]
    public async Task Commits_without_an_answer_end_with_their_world(string? key, int bytes)
    {
        await using var agent = await SilentAgent.StartAsync(_folder.File("silent.sock"));
        var world = await ConnectAsync(agent.SocketPath);
        var stream = world.OpenCommitStream();
        var alone = world.CommitAsync(Put(key is null ? new WorldCommit() : new WorldCommit(key), bytes), Cancellation);
        var pipelined = stream.CommitAsync(Put(new WorldCommit(), bytes), Cancellation);
        await agent.CommitCame;

        await world.DisposeAsync();

        await EndedAsync(alone);
        await EndedAsync(pipelined);
        await EndedAsync(stream.CommitAsync(Put(new WorldCommit()), Cancellation));
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Call_on_a_disposed_world_is_refused()
    {
        var stream = _world.OpenCommitStream();

        await _world.DisposeAsync();

        await EndedAsync(_world.GetAsync(new("k", "a"), cancellationToken: Cancellation));
        await EndedAsync(_world.CommitAsync(Put(new WorldCommit()), Cancellation));
        await EndedAsync(_world.CommitAsync(Put(new WorldCommit("key")), Cancellation));
        await EndedAsync(_world.CommitAsync(Put(new WorldCommit(), 300_000), Cancellation));
        await EndedAsync(_world.SubscribeEventsAsync("", 0, Cancellation).AnyAsync(Cancellation).AsTask());
        await EndedAsync(_world.ScanAsync("k", "", Cancellation).AnyAsync(Cancellation).AsTask());
        await EndedAsync(_world.RecoverAsync(Cancellation));
        await EndedAsync(stream.CommitAsync(Put(new WorldCommit()), Cancellation));
        await stream.DisposeAsync();
        await _world.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _agent.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task EndedAsync(Task call) => Assert.Equal(
        typeof(AetherWorld).FullName, (await Assert.ThrowsAsync<ObjectDisposedException>(() => call)).ObjectName);

    private static WorldCommit Put(WorldCommit commit, int bytes = 1) => commit.Put(new("k", "a"), new byte[bytes]);

    private Task<AetherWorld> ConnectAsync(string socketPath) => AetherWorld.ConnectAsync(
        new AetherWorldOptions { SocketPath = socketPath, Clock = _clock }, Cancellation);
}
