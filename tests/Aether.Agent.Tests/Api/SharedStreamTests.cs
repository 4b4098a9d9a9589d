using Aether.Agent.Tests.Support;
using Aether.Client;

namespace Aether.Agent.Tests.Api;

/// <summary>Commits of <see cref="AetherWorld.CommitAsync"/>, which share a stream.</summary>
public sealed class SharedStreamTests : LocalAgentTests
{
    [Fact]
    public async Task Successive_and_concurrent_commits_share_one_stream()
    {
        for (var i = 0; i < 3; i++)
            await Client.CommitAsync(Put($"{i}", 1), Cancellation);
        await Task.WhenAll(Enumerable.Range(3, 50).Select(i => Client.CommitAsync(Put($"{i}", 1), Cancellation)));

        var metrics = await Agent.Endpoints.Health.GetStringAsync("metrics", Cancellation);

        Assert.Equal(53UL, (await Client.StatusAsync(Cancellation)).Sequence);
        Assert.Contains("\naether_agent_commit_streams 1\n", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5 << 20)]
    [InlineData(20 << 20)]
    public async Task Oversized_commit_fails_without_failing_the_others(int bytes)
    {
        var small = Enumerable.Range(0, 50).Select(i => Client.CommitAsync(Put($"{i}", 1), Cancellation)).ToList();
        var large = Client.CommitAsync(Put("large", bytes), Cancellation);
        small.AddRange(Enumerable.Range(50, 50).Select(i => Client.CommitAsync(Put($"{i}", 1), Cancellation)));

        await Assert.ThrowsAsync<InvalidCommitException>(() => large);
        await Task.WhenAll(small);

        Assert.Equal(100UL, (await Client.StatusAsync(Cancellation)).Sequence);
    }

    [Fact]
    public async Task Refused_commit_fails_with_its_reason_and_without_failing_the_others()
    {
        await Client.CommitAsync(Put("a", 1), Cancellation);

        var refused = Client.CommitAsync(new WorldCommit().Put(new("k", "a"), new byte[1], 7), Cancellation);
        var next = Client.CommitAsync(Put("b", 1), Cancellation);

        Assert.Equal(1UL, (await Assert.ThrowsAsync<VersionMismatchException>(() => refused)).CurrentVersion);
        Assert.Equal(2UL, (await next).Sequence);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("trade-1")]
    public async Task Commit_whose_token_is_already_cancelled_is_not_sent(string? idempotencyKey)
    {
        var commit = (idempotencyKey is null ? new WorldCommit() : new WorldCommit(idempotencyKey))
            .Put(new("k", "a"), new byte[1]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client.CommitAsync(commit, new CancellationToken(canceled: true)));

        Assert.Equal(1UL, (await Client.CommitAsync(Put("b", 1), Cancellation)).Sequence);
    }

    [Fact]
    public async Task Commit_to_a_disposed_world_fails_instead_of_waiting_for_ever()
    {
        var world = await Agent.Endpoints.ConnectAsync();
        await world.CommitAsync(Put("a", 1), Cancellation);

        await world.DisposeAsync().AsTask().WaitAsync(Cancellation);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => world.CommitAsync(Put("b", 1), Cancellation));
    }

    private static WorldCommit Put(string id, int bytes) => new WorldCommit().Put(new("k", id), new byte[bytes]);
}
