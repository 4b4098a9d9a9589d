using Aether.Client;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Servers;

/// <summary>The agent with its journal in JetStream, and its lease and snapshots in PostgreSQL.</summary>
public sealed class JetStreamJournalTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ServerWorld _world = new();
    private readonly TemporaryFolder _first = new("first");
    private readonly TemporaryFolder _second = new("second");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Replicated_commits_of_a_killed_agent_are_recovered_on_an_empty_volume()
    {
        await using (var agent = await _world.StartAgentAsync(_first, "first", _world.JetStreamJournal))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            for (var i = 0; i < 50; i++)
                await client.CommitAsync(Put($"{i}"), Cancellation);
            agent.Process.Send(UnixSignal.Kill);
            await agent.Process.Exited.WaitAsync(Patience, Cancellation);
        }

        await using var next = await _world.StartAgentAsync(_second, "second", _world.JetStreamJournal);
        await using var world = await next.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal((50UL, 50UL, 2UL), (state.Sequence, state.Keys, state.Epoch));
    }

    [Fact]
    public async Task Snapshots_truncate_the_journal_and_the_world_recovers_from_both()
    {
        await using (var agent = await _world.StartAgentAsync(_first, "first", _world.JetStreamJournal))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            for (var i = 0; i < 20; i++)
            {
                await client.CommitAsync(Put($"{i}"), Cancellation);
                if (i % 3 == 0)
                    await client.SnapshotAsync(Cancellation);
            }

            agent.Process.Send(UnixSignal.Kill);
            await agent.Process.Exited.WaitAsync(Patience, Cancellation);
        }

        await using var next = await _world.StartAgentAsync(_second, "second", _world.JetStreamJournal);
        await using var world = await next.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal((20UL, 20UL), (state.Sequence, state.Keys));
    }

    [Fact]
    public async Task Writer_frozen_beyond_its_lease_ends_and_stores_nothing_more()
    {
        await using var first = await _world.StartAgentAsync(_first, "first", _world.JetStreamJournal);
        await using var sleeper = await first.Endpoints.ConnectAsync(RetryPolicy.None);
        await sleeper.CommitAsync(Put("1"), Cancellation);
        first.Process.Send(UnixSignal.Stop);
        await using var second = await _world.StartAgentAsync(_second, "second", _world.JetStreamJournal);
        await using var successor = await second.Endpoints.ConnectAsync();
        await successor.CommitAsync(Put("2"), Cancellation);

        first.Process.Send(UnixSignal.Continue);
        var exitCode = await first.Process.Exited.WaitAsync(Patience, Cancellation);
        var state = await successor.RecoverAsync(Cancellation);

        Assert.Equal((int)ExitCode.Fenced, exitCode);
        Assert.Equal((2UL, 2UL), (state.Sequence, state.Epoch));
    }

    private static WorldCommit Put(string id) =>
        new WorldCommit { Durability = WorldDurability.Replicated }.Put(new("thing", id), new byte[] { 1, 2, 3 });
}
