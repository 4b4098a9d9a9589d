using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Servers;

/// <summary>
/// The critical keys of a world in SQL: whatever happens to the agent, the table equals the state at the journal's end.
/// </summary>
public sealed class CriticalStateTests : IAsyncLifetime
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
    public async Task Table_equals_the_recovered_state_after_every_kill_on_any_volume()
    {
        for (var life = 0; life < 3; life++)
        {
            await using var agent = await StartAsync(life < 2 ? _first : _second, "vault=High,chat=Low");
            await using var client = await agent.Endpoints.ConnectAsync(RetryPolicy.None);
            await AssertProjectedAsync(client, "vault", "chat");
            for (var i = 0; i < 40; i++)
                await client.CommitAsync(Change(life, i), Cancellation);
            await AssertProjectedAsync(client, "vault", "chat");
            await KillWhileWritingAsync(agent, client, life);
        }

        await using var last = await StartAsync(_second, "vault=High,chat=Low");
        await using var world = await last.Endpoints.ConnectAsync();
        await AssertProjectedAsync(world, "vault", "chat");
    }

    [Fact]
    public async Task Unshipped_commits_are_not_in_the_table_until_the_next_agent_ships_them()
    {
        await using (var agent = await StartAsync(_first, "chat=Low"))
        {
            await using var client = await agent.Endpoints.ConnectAsync(RetryPolicy.None);
            await client.CommitAsync(Put("chat", "1", WorldDurability.Replicated), Cancellation);
            await _world.Postgres.StopAsync();
            await client.CommitAsync(Put("chat", "2", WorldDurability.Fsync), Cancellation);
            await client.CommitAsync(Put("vault", "2", WorldDurability.Fsync), Cancellation);
            await agent.KillAsync();
        }

        await _world.Postgres.StartAsync(Cancellation);
        var (sequence, end, rows) = await _world.ReadCriticalAsync();
        await using var next = await StartAsync(_first, "chat=Low,vault=Low");
        await using var world = await next.Endpoints.ConnectAsync();
        await AssertProjectedAsync(world, "vault", "chat");

        Assert.Equal((1UL, 1UL), (sequence, end));
        Assert.Equal("1", Assert.Single(rows).Id);
        Assert.Equal(["1", "2", "2"], (await _world.ReadCriticalAsync()).Rows.Select(row => row.Id));
    }

    [Fact]
    public async Task Commits_left_unshipped_on_a_stranded_volume_never_get_into_the_table()
    {
        await using (var agent = await StartAsync(_first, "chat=Low"))
        {
            await using var client = await agent.Endpoints.ConnectAsync(RetryPolicy.None);
            await client.CommitAsync(Put("chat", "1", WorldDurability.Replicated), Cancellation);
            await _world.Postgres.StopAsync();
            await client.CommitAsync(Put("chat", "lost", WorldDurability.Fsync), Cancellation);
            await agent.KillAsync();
        }

        await _world.Postgres.StartAsync(Cancellation);
        await using (var other = await StartAsync(_second, "chat=Low"))
        {
            await using var client = await other.Endpoints.ConnectAsync();
            await client.CommitAsync(Put("chat", "2", WorldDurability.Replicated), Cancellation);
            await AssertProjectedAsync(client, "chat");
            await other.KillAsync();
        }

        await using var next = await StartAsync(_first, "chat=Low");
        await using var world = await next.Endpoints.ConnectAsync();
        await AssertProjectedAsync(world, "chat");

        Assert.Equal(["1", "2"], (await _world.ReadCriticalAsync()).Rows.Select(row => row.Id));
    }

    private static WorldCommit Put(string kind, string id, WorldDurability durability) =>
        new WorldCommit { Durability = durability }.Put(new(kind, id), new byte[] { 1, 2, 3 });

    private static WorldCommit Change(int life, int i)
    {
        var commit = new WorldCommit { Durability = WorldDurability.Fsync }
            .Put(new("vault", $"{i % 7}"), new[] { (byte)life, (byte)i })
            .Put(new("chat", $"{life}-{i}"), new[] { (byte)i })
            .Put(new("thing", $"{i}"), new[] { (byte)i });
        return i % 3 == 0 ? commit.Delete(new("chat", $"{life}-{i / 2}")).Delete(new("vault", $"{i % 5}")) : commit;
    }

    private async Task<AgentProcess> StartAsync(TemporaryFolder folder, string kinds) => await _world.StartAgentAsync(
        folder, folder == _first ? "first" : "second", (AetherVariables.CriticalKinds, kinds));

    private static async Task KillWhileWritingAsync(AgentProcess agent, AetherWorld client, int life)
    {
        var writing = WriteUntilKilledAsync(client, life);
        await client.CommitAsync(Put("vault", "midst", WorldDurability.Replicated), Cancellation);
        agent.Process.Send(UnixSignal.Kill);
        await agent.Process.Exited.WaitAsync(Patience, TimeProvider.System, Cancellation);
        await writing;
    }

    private static async Task WriteUntilKilledAsync(AetherWorld client, int life)
    {
        try
        {
            for (var i = 0; ; i++)
                await client.CommitAsync(Change(life, i), Cancellation);
        }
        catch (AgentUnavailableException)
        {
            // The agent was killed on purpose.
        }
    }

    // Everything is shipped by then, because the test has waited for the replication of the last commit.
    private async Task AssertProjectedAsync(AetherWorld client, params string[] kinds)
    {
        var state = await client.RecoverAsync(Cancellation);
        if (state.Sequence > 0)
            await client.WaitForAsync(state.Sequence, state.Epoch, WorldDurability.Replicated, Cancellation);
        var expected = await state.Entries.Where(entry => kinds.Contains(entry.Key.Kind))
            .Select(entry => new CriticalRow(
                entry.Key.Kind, entry.Key.Id, entry.Version, Convert.ToHexString(entry.Value.Span)))
            .ToListAsync(Cancellation);

        var (sequence, end, rows) = await _world.ReadCriticalAsync();

        Assert.Equal((state.Sequence, state.Sequence), (sequence, end));
        Assert.Equal(
            expected.OrderBy(row => row.Kind, StringComparer.Ordinal).ThenBy(row => row.Id, StringComparer.Ordinal),
            rows);
    }
}
