using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Process;

/// <summary>Calls without a deadline to an agent that is stopped by SIGSTOP and keeps its connections.</summary>
public sealed class FrozenAgentTests : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new("frozen");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_to_a_frozen_agent_end_and_say_that_it_is_silent()
    {
        await using var agent = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await ConnectAsync(agent.Endpoints.SocketPath, RetryPolicy.None);
        var last = await world.CommitAsync(Put("before"), Cancellation);
        await using var watermarks = world.WatchWatermarksAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await watermarks.MoveNextAsync());
        await using var stream = world.OpenCommitStream();

        agent.Process.Send(UnixSignal.Stop);
        (string Name, Task Call)[] calls =
        [
            ("shared commit", world.CommitAsync(Put("shared"), Cancellation)),
            ("large commit",
                world.CommitAsync(new WorldCommit().Put(new("k", "large"), new byte[300 << 10]), Cancellation)),
            ("streamed commit", stream.CommitAsync(Put("streamed"), Cancellation)),
            ("get", world.GetAsync(new("k", "before"), cancellationToken: Cancellation)),
            ("wait", world.WaitForAsync(last.Sequence + 1, last.Epoch, cancellationToken: Cancellation)),
            ("watch", watermarks.MoveNextAsync().AsTask()),
        ];
        await Task.WhenAny(
            Task.WhenAll(calls.Select(call => call.Call)), Task.Delay(Patience, TimeProvider.System, Cancellation));

        Assert.All(calls, entry =>
        {
            Assert.True(entry.Call.IsCompleted, $"{entry.Name} still waits");
            var failure = Assert.IsType<AgentUnavailableException>(entry.Call.Exception?.InnerException);
            Assert.Contains("answered no ping", failure.Message, StringComparison.Ordinal);
            Assert.Contains(nameof(AetherWorldOptions.SilenceLimit), failure.Message, StringComparison.Ordinal);
        });

        agent.Process.Send(UnixSignal.Continue);
    }

    [Fact]
    public async Task Commit_with_a_key_is_applied_once_by_an_agent_that_was_frozen_and_resumes()
    {
        await using var agent = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await ConnectAsync(agent.Endpoints.SocketPath, new RetryPolicy());
        var before = await world.CommitAsync(Put("before"), Cancellation);

        agent.Process.Send(UnixSignal.Stop);
        var repeated = world.CommitAsync(new WorldCommit("trade-7").Put(new("k", "traded"), new byte[1]), Cancellation);
        var signal = world.CommitAsync(Put("signal"), Cancellation);
        await Assert.ThrowsAsync<AgentUnavailableException>(
            () => signal.WaitAsync(Patience, TimeProvider.System, Cancellation));
        agent.Process.Send(UnixSignal.Continue);

        var made = await repeated.WaitAsync(Patience, TimeProvider.System, Cancellation);
        var traded = await world.GetAsync(new("k", "traded"), cancellationToken: Cancellation);
        Assert.InRange(made.Sequence, before.Sequence + 1, before.Sequence + 2);
        Assert.Equal(made.Sequence, traded!.Version);
    }

    [Fact]
    public async Task A_call_that_takes_longer_than_the_silence_limit_is_awaited_from_an_agent_that_works()
    {
        var path = _folder.File("silent.sock");
        await using var agent = await SilentAgent.StartAsync(path);
        await using var world = await ConnectAsync(path, RetryPolicy.None, TimeSpan.FromSeconds(12));

        var commit = world.CommitAsync(Put("slow"), Cancellation);
        await agent.CommitCame.WaitAsync(Cancellation);
        await Task.Delay(TimeSpan.FromSeconds(18), TimeProvider.System, Cancellation);

        Assert.False(commit.IsCompleted);
        agent.Speak();
        await commit;
    }

    public void Dispose() => _folder.Dispose();

    private static WorldCommit Put(string id) => new WorldCommit().Put(new("k", id), new byte[1]);

    private static Task<AetherWorld> ConnectAsync(string path, RetryPolicy retry, TimeSpan? limit = null) =>
        AetherWorld.ConnectAsync(
            new AetherWorldOptions { SocketPath = path, Retry = retry, SilenceLimit = limit ?? Shortest },
            Cancellation);
}
