using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;

namespace Aether.Agent.Tests.Process;

/// <summary>SIGKILL at random moments under load: every acknowledged commit exists, exactly once.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Rounds = 20;
    private const int Writers = 8;

    private readonly TemporaryFolder _folder = new("crash");
    private readonly ConcurrentDictionary<string, ulong> _acknowledged = new();
    private readonly int[] _next = new int[Writers];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agent_that_is_killed_repeatedly_loses_no_acknowledged_commit()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var agent = await AgentProcess.StartAsync(_folder.Path);
            await using var client = await agent.Endpoints.ConnectAsync(RetryPolicy.None);
            await CheckAsync(client);

            var before = _acknowledged.Count;
            var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(client, writer)).ToList();
            while (_acknowledged.Count == before && !writers.TrueForAll(writer => writer.IsCompleted))
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
            await Task.Delay(
                TimeSpan.FromMilliseconds(Random.Shared.Next(20, 200)), TimeProvider.System, Cancellation);
            await agent.KillAsync();
            await Task.WhenAll(writers);
        }

        await using var last = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await last.Endpoints.ConnectAsync();
        await CheckAsync(world);
        Assert.NotEmpty(_acknowledged);
    }

    [Fact]
    public async Task Keyed_commits_of_a_stream_outlive_kills_and_apply_once_in_their_order()
    {
        const int commits = 3000;
        var agent = await AgentProcess.StartAsync(_folder.Path);
        try
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await using var stream = client.OpenCommitStream();
            var answers = Task.WhenAll(Enumerable.Range(1, commits).Select(i => stream.CommitAsync(
                new WorldCommit($"c-{i}").Put(new("counter", "last"), Bytes(i), (ulong)(i - 1)), Cancellation)));
            for (var kill = 0; kill < 3; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
                await agent.KillAsync();
                await agent.DisposeAsync();
                agent = await AgentProcess.StartAsync(_folder.Path);
            }

            var committed = await answers;
            // The last kill may have come after all answers.
            await using var last = await agent.Endpoints.ConnectAsync();
            var state = await last.RecoverAsync(Cancellation);

            Assert.Equal(Enumerable.Range(1, commits).Select(i => (ulong)i), committed.Select(one => one.Sequence));
            Assert.Equal((ulong)commits, state.Sequence);
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_wait_for_a_commit_that_was_lost_is_not_answered_by_another_in_its_place()
    {
        WorldCommitted lost;
        await using (var agent = await AgentProcess.StartAsync(_folder.Path, ["--local", _folder.Path], SlowFlush))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await client.CommitAsync(Put("kept", WorldDurability.Fsync), Cancellation);
            lost = await client.CommitAsync(Put("lost", WorldDurability.Memory), Cancellation);
            await agent.KillAsync();
        }

        await using var next = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await next.Endpoints.ConnectAsync();
        var other = await world.CommitAsync(Put("other", WorldDurability.Fsync), Cancellation);

        Assert.Equal(lost.Sequence, other.Sequence);
        await Assert.ThrowsAsync<WriterChangedException>(() => world.WaitForAsync(
            lost.Sequence, lost.Epoch, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Commit_that_the_next_agent_has_recovered_can_be_awaited_there()
    {
        WorldCommitted kept;
        await using (var agent = await AgentProcess.StartAsync(_folder.Path))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            kept = await client.CommitAsync(Put("kept", WorldDurability.Fsync), Cancellation);
            await agent.KillAsync();
        }

        await using var next = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await next.Endpoints.ConnectAsync();
        var reached = await world.WaitForAsync(kept.Sequence, kept.Epoch, cancellationToken: Cancellation);

        Assert.Equal((1UL, 2UL), (kept.Epoch, (await world.StatusAsync(Cancellation)).Epoch));
        Assert.Equal(kept.Sequence, reached.Durable);
    }

    public void Dispose() => _folder.Dispose();

    // The longest interval allowed: a commit acknowledged at Memory is not flushed before its agent is killed.
    private static Dictionary<string, string> SlowFlush => new() { ["AETHER_WAL_FLUSH_INTERVAL_MS"] = "10000" };

    private static WorldCommit Put(string id, WorldDurability durability) =>
        new WorldCommit { Durability = durability }.Put(new("k", id), new byte[] { 1 });

    private static byte[] Bytes(int i) => Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture));

    private async Task WriteAsync(AetherWorld client, int writer)
    {
        try
        {
            while (true)
            {
                var id = $"{writer}-{_next[writer]++}";
                var committed = await client.CommitAsync(
                    new WorldCommit().Put(new("k", id), Encoding.UTF8.GetBytes(id)), Cancellation);
                _acknowledged[id] = committed.Sequence;
            }
        }
        catch (AgentUnavailableException)
        {
            // The agent was killed; the outcome of this one commit is unknown, and either is correct.
        }
    }

    private async Task CheckAsync(AetherWorld client)
    {
        var state = await client.RecoverAsync(Cancellation);
        var found = await state.Entries.ToDictionaryAsync(entry => entry.Key.Id, cancellationToken: Cancellation);

        Assert.Equal(state.Sequence, (ulong)found.Count);
        Assert.All(_acknowledged, one => Assert.Equal(one.Value, found[one.Key].Version));
        Assert.All(found.Values, entry => Assert.Equal(entry.Key.Id, Encoding.UTF8.GetString(entry.Value.Span)));
    }
}
