using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

/// <summary>
/// Streams that end while one of their messages is being sent, as all streams do when an agent is fenced. Message and
/// stream race, and the transport's error depends on the winner; hence several rounds.
/// </summary>
[Trait("Kind", "Unit")]
public sealed class CutCallTests : IDisposable
{
    private const int Rounds = 200;

    // Larger than what the transport sends without being read.
    private const int Large = 200 << 10;

    private readonly TemporaryFolder _folder = new("cut");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.OK)]
    public async Task A_commit_with_a_key_is_sent_again_on_a_new_stream(StatusCode end)
    {
        await using var agent = await StartAsync(end);
        var retry = new RetryPolicy { FirstWait = TimeSpan.FromMilliseconds(1) };
        await using var world = await ConnectAsync(agent, retry);

        await world.CommitAsync(Put(new WorldCommit(), 1), Cancellation);
        for (var i = 0; i < Rounds; i++)
            await world.CommitAsync(Put(new WorldCommit($"{i}"), Large), Cancellation);

        Assert.Equal(Rounds, agent.Cut);
        Assert.Null(agent.Commits.First().FirstSentAfter);
        Assert.All(agent.Commits.Skip(1), again => Assert.Equal(CuttingAgent.Answered, again.FirstSentAfter));
    }

    [Fact]
    public async Task Commit_sent_again_by_its_caller_names_the_place_of_its_first_sending()
    {
        await using var agent = await StartAsync(StatusCode.Unavailable);
        await using var world = await ConnectAsync(agent, RetryPolicy.None);
        var commit = Put(new WorldCommit("once"), Large);
        await world.CommitAsync(Put(new WorldCommit(), 1), Cancellation);
        await Assert.ThrowsAsync<AgentUnavailableException>(() => world.CommitAsync(commit, Cancellation));

        await world.CommitAsync(commit, Cancellation);

        Assert.Equal([null, CuttingAgent.Answered], agent.Commits.Select(sent => sent.FirstSentAfter));
    }

    [Fact]
    public async Task Commit_that_was_sent_to_another_world_counts_as_sent_for_the_first_time()
    {
        await using var agent = await StartAsync(StatusCode.Unavailable);
        var commit = Put(new WorldCommit("founding"), 1);
        for (var i = 0; i < 2; i++)
        {
            await using var world = await ConnectAsync(agent, RetryPolicy.None);
            await world.CommitAsync(commit, Cancellation);
        }

        Assert.Equal([null, null], agent.Commits.Select(sent => sent.FirstSentAfter));
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.OK)]
    public async Task Commit_without_a_key_ends_as_unanswered(StatusCode end)
    {
        await using var agent = await StartAsync(end);
        for (var i = 0; i < Rounds; i++)
        {
            await using var world = await ConnectAsync(agent, new RetryPolicy());
            await world.CommitAsync(Put(new WorldCommit(), 1), Cancellation);

            await Assert.ThrowsAsync<AgentUnavailableException>(
                () => world.CommitAsync(Put(new WorldCommit(), Large), Cancellation));
        }

        Assert.Equal(Rounds, agent.Cut);
    }

    [Fact]
    public async Task Commit_with_a_key_is_sent_again_after_the_transport_asked_to_slow_down()
    {
        await using var agent = await StartAsync(StatusCode.OK, streams: Rounds / 4);
        await using var world = await ConnectAsync(agent, new RetryPolicy());

        await world.CommitAsync(Put(new WorldCommit(), 1), Cancellation);
        for (var i = 0; i < Rounds; i++)
            await world.CommitAsync(Put(new WorldCommit($"{i}"), Large), Cancellation);

        Assert.Equal(Rounds, agent.Cut);
    }

    public void Dispose() => _folder.Dispose();

    private static WorldCommit Put(WorldCommit commit, int bytes) => commit.Put(new("k", "a"), new byte[bytes]);

    private static Task<AetherWorld> ConnectAsync(CuttingAgent agent, RetryPolicy retry) => AetherWorld.ConnectAsync(
        new AetherWorldOptions { SocketPath = agent.SocketPath, Retry = retry }, Cancellation);

    private Task<CuttingAgent> StartAsync(StatusCode end, int streams = 1000) =>
        CuttingAgent.StartAsync(_folder.File("agent.sock"), new Status(end, "The agent stops."), streams);
}
