using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;

namespace Aether.Agent.Tests.Api;

/// <summary>Worlds that commit faster than the agent answers, on a stream or one by one.</summary>
public sealed class UnansweredLimitTests : IAsyncLifetime
{
    private const int Limit = 1 << 20;
    private const int Size = 100_000;

    private readonly TemporaryFolder _folder = new("unanswered");
    private readonly LeapingClock _clock = new();
    private SilentAgent _agent = null!;
    private AetherWorld _world = null!;
    private WorldCommitStream _stream = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _agent = await SilentAgent.StartAsync(_folder.File("agent.sock"));
        _world = await AetherWorld.ConnectAsync(
            new AetherWorldOptions { SocketPath = _agent.SocketPath, MaxUnansweredBytes = Limit, Clock = _clock },
            Cancellation);
        _stream = _world.OpenCommitStream();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_beyond_the_limit_is_refused_at_once_and_accepted_ones_are_answered_in_order(bool pipelined)
    {
        var taken = Enumerable.Range(0, Limit / Size).Select(_ => CommitAsync(pipelined, Put(Size))).ToList();

        var overloaded = await RefusedAsync(CommitAsync(pipelined, Put(Size)));
        _agent.Speak();
        var committed = await Task.WhenAll(taken);

        Assert.True(overloaded.RetryAfter > TimeSpan.Zero);
        Assert.Contains($"MaxUnansweredBytes ({Limit})", overloaded.Message, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Range(1, taken.Count).Select(i => (ulong)i), committed.Select(one => one.Sequence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_larger_than_the_limit_is_sent_when_no_other_waits(bool pipelined)
    {
        var large = CommitAsync(pipelined, Put(2 * Limit));
        Assert.False(large.IsCompleted);
        await RefusedAsync(CommitAsync(pipelined, Put(1)));

        _agent.Speak();

        Assert.Equal(1UL, (await large).Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_makes_room_before_its_caller_continues(bool pipelined)
    {
        _agent.Speak();

        for (var i = 1UL; i <= 50; i++)
            Assert.Equal(i, (await CommitAsync(pipelined, Put(Limit))).Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Small_commits_count_with_the_memory_they_take(bool pipelined)
    {
        var taken = Enumerable.Range(0, 100_000)
            .Select(_ => CommitAsync(pipelined, Put(1)))
            .TakeWhile(commit => !commit.IsFaulted)
            .ToList();

        Assert.InRange(taken.Count, 1, Limit / 512);
        _agent.Speak();
        await Task.WhenAll(taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_commit_counts_until_it_is_answered(bool pipelined)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var left = Enumerable.Range(0, Limit / Size)
            .Select(_ => CommitAsync(pipelined, Put(Size), patience.Token)).ToList();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(left));

        await RefusedAsync(CommitAsync(pipelined, Put(Size)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_that_waits_to_be_sent_again_counts_and_is_sent_without_a_second_check(bool pipelined)
    {
        await _agent.DisposeAsync();
        var retried = _clock.NextWait;
        var keyed = CommitAsync(pipelined, Put(Limit, "key"));
        await retried;

        await RefusedAsync(CommitAsync(pipelined, Put(Limit, "other")));
        _agent = await SilentAgent.StartAsync(_folder.File("agent.sock"));
        _agent.Speak();

        Assert.Equal(1UL, (await keyed).Sequence);
        Assert.Equal(2UL, (await CommitAsync(pipelined, Put(Limit, "other"))).Sequence);
    }

    [Fact]
    public async Task Each_stream_has_a_limit_of_its_own()
    {
        await using var other = _world.OpenCommitStream();
        var first = _stream.CommitAsync(Put(Limit), Cancellation);

        var second = other.CommitAsync(Put(Limit), Cancellation);
        var alone = _world.CommitAsync(Put(Limit), Cancellation);
        _agent.Speak();

        await Task.WhenAll(first, second, alone);
    }

    [Fact]
    public void A_limit_below_a_byte_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AetherWorldOptions { MaxUnansweredBytes = 0 });

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _stream.DisposeAsync();
        await _agent.DisposeAsync();
        _folder.Dispose();
    }

    private static WorldCommit Put(int bytes, string? key = null) =>
        (key is null ? new WorldCommit() : new WorldCommit(key)).Put(new("k", "a"), new byte[bytes]);

    // Refused at once: a commit that waited instead would wait for ever.
    private static Task<AgentOverloadedException> RefusedAsync(Task<WorldCommitted> commit)
    {
        Assert.True(commit.IsFaulted);
        return Assert.ThrowsAsync<AgentOverloadedException>(() => commit);
    }

    private Task<WorldCommitted> CommitAsync(bool pipelined, WorldCommit commit, CancellationToken? token = null) =>
        pipelined
            ? _stream.CommitAsync(commit, token ?? Cancellation)
            : _world.CommitAsync(commit, token ?? Cancellation);
}
