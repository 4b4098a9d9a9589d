using System.Net.Http.Json;
using System.Text.Json;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Agent.Tests.Servers;

/// <summary>
/// The agent on real servers: replicated commits survive their volume, and never do two writers both succeed.
/// </summary>
public sealed class ServerWorldTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ServerWorld _world = new();
    private readonly TemporaryFolder _first = new("first");
    private readonly TemporaryFolder _second = new("second");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    [Fact]
    public async Task Replicated_commits_are_recovered_on_an_empty_volume()
    {
        await using (var agent = await _world.StartAgentAsync(_first, "first"))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            for (var i = 0; i < 50; i++)
                await client.CommitAsync(Put($"{i}", WorldDurability.Replicated), Cancellation);
            Assert.Equal(0, await agent.StopAsync());
        }

        await using var next = await _world.StartAgentAsync(_second, "second");
        await using var world = await next.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal((50UL, 50UL, 2UL), (state.Sequence, state.Keys, state.Epoch));
    }

    [Fact]
    public async Task A_critical_kind_is_replicated_whatever_the_commit_asks()
    {
        await using var agent = await _world.StartAgentAsync(_first, "first");
        await using var client = await agent.Endpoints.ConnectAsync();

        var vault = await client.CommitAsync(
            new WorldCommit { Durability = WorldDurability.Memory }.Put(new("vault", "1"), new byte[] { 1 }),
            Cancellation);
        var other = await client.CommitAsync(Put("1", WorldDurability.Fsync), Cancellation);

        Assert.Equal(WorldDurability.Replicated, vault.Durability);
        Assert.InRange(other.Durability, WorldDurability.Fsync, WorldDurability.Replicated);
    }

    [Fact]
    public async Task Writer_frozen_beyond_its_lease_is_fenced_and_names_its_successor()
    {
        await using var first = await _world.StartAgentAsync(_first, "first");
        await using var sleeper = await first.Endpoints.ConnectAsync(RetryPolicy.None);
        await sleeper.CommitAsync(Put("1", WorldDurability.Replicated), Cancellation);
        first.Process.Send(UnixSignal.Stop);
        await using var second = await _world.StartAgentAsync(_second, "second");
        await using var successor = await second.Endpoints.ConnectAsync();
        await successor.CommitAsync(Put("2", WorldDurability.Replicated), Cancellation);

        first.Process.Send(UnixSignal.Continue);
        var exitCode = await first.Process.Exited.WaitAsync(Patience, Cancellation);
        await first.Process.OutputEnded.WaitAsync(Patience, Cancellation);
        var state = await successor.RecoverAsync(Cancellation);

        Assert.Equal((int)ExitCode.Fenced, exitCode);
        Assert.Contains(
            first.Process.NewestLines(), line => line.Contains("Fenced by 'second'", StringComparison.Ordinal));
        Assert.Equal((2UL, 2UL), (state.Sequence, state.Epoch));
    }

    [Fact]
    public async Task A_writer_that_the_event_stream_refuses_acknowledges_nothing_more_and_names_its_successor()
    {
        // Its clock stays fixed: it neither renews its lease nor learns of the next writer from it.
        await using var first = await _world.StartAgentAsync(
            _first, "first", new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        await using var writer = await first.Endpoints.ConnectAsync();
        await writer.PublishEventAsync("own", default, Cancellation);
        await using var events = writer.SubscribeEventsAsync("own", 0, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync());
        await _world.JumpAsync(TimeSpan.FromMinutes(1));
        await using var second = await _world.StartAgentAsync(_second, "second");
        await using var successor = await second.Endpoints.ConnectAsync();
        await successor.PublishEventAsync("next", default, Cancellation);

        var subscribed = Assert.ThrowsAsync<AgentFencedException>(async () => await events.MoveNextAsync());
        var refused = await Assert.ThrowsAsync<AgentFencedException>(
            () => writer.PublishEventAsync("late", default, Cancellation));
        await Assert.ThrowsAnyAsync<WorldException>(
            () => writer.CommitAsync(Put("late", WorldDurability.Memory), Cancellation));
        var exitCode = await first.Ended.WaitAsync(Patience, Cancellation);

        Assert.Equal(("second", ExitCode.Fenced), (refused.FencedBy, exitCode));
        Assert.Equal("second", (await subscribed).FencedBy);
    }

    [Fact]
    public async Task Without_PostgreSQL_Fsync_continues_and_Replicated_waits_until_the_server_returns()
    {
        await using var agent = await _world.StartAgentAsync(_first, "first");
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.CommitAsync(Put("0", WorldDurability.Replicated), Cancellation);
        await _world.Postgres.StopAsync();

        var local = await client.CommitAsync(Put("1", WorldDurability.Fsync), Cancellation);
        var waiting = client.CommitAsync(Put("2", WorldDurability.Replicated), Cancellation);
        var status = await client.StatusAsync(Cancellation);
        Assert.False(waiting.IsCompleted);
        await _world.Postgres.StartAsync(Cancellation);
        var replicated = await waiting.WaitAsync(Patience, Cancellation);

        Assert.Equal((2UL, 3UL), (local.Sequence, replicated.Sequence));
        Assert.NotEqual(0UL, status.RpoCommits);
    }

    [Fact]
    public async Task Agent_whose_database_is_unavailable_at_the_start_waits_and_says_so()
    {
        await _world.Postgres.StopAsync();
        await using var agent = await _world.StartAgentAsync(_first, "first");

        var ready = await agent.Endpoints.Health.GetAsync("readyz", Cancellation);
        var report = await ready.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        await _world.Postgres.StartAsync(Cancellation);
        await using var world = await agent.Endpoints.ConnectAsync();

        Assert.False(ready.IsSuccessStatusCode);
        Assert.NotEqual("Running", report.GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Events_are_kept_by_JetStream_across_agents()
    {
        await using (var agent = await _world.StartAgentAsync(_first, "first"))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await client.PublishEventAsync("trade.done", new byte[] { 7 }, Cancellation);
            await agent.StopAsync();
        }

        await using var next = await _world.StartAgentAsync(_second, "second");
        await using var world = await next.Endpoints.ConnectAsync();
        var stored = await world.SubscribeEventsAsync("trade.*", 0, Cancellation).FirstAsync(Cancellation);

        Assert.Equal("trade.done", stored.Type);
        Assert.Equal([7], stored.Data.ToArray());
    }

    [Fact]
    public async Task Subscription_to_JetStream_continues_across_a_restart_of_the_agent()
    {
        await using var agent = await _world.StartAgentAsync(_first, "first");
        await using var world = await agent.Endpoints.ConnectAsync();
        await using var events = world.SubscribeEventsAsync("", 0, Cancellation).GetAsyncEnumerator(Cancellation);
        await world.PublishEventAsync("before", default, Cancellation);
        Assert.True(await events.MoveNextAsync());
        await agent.StopAsync();

        var next = events.MoveNextAsync();
        await using var again = await _world.StartAgentAsync(_first, "first");
        await world.PublishEventAsync("after", default, Cancellation);

        Assert.True(await next.AsTask().WaitAsync(Patience, Cancellation));
        Assert.Equal("after", events.Current.Type);
    }

    [Fact]
    public async Task Ephemeral_world_recovers_from_its_snapshot_in_Redis()
    {
        await using var redis = new RedisServer();
        await redis.StartAsync(Cancellation);
        (string, string)[] ephemeral =
        [
            (AetherVariables.WorldClass, "Ephemeral"),
            (AetherVariables.CriticalKinds, ""),
            (AetherVariables.RedisEndpoint, redis.Endpoint),
            (AetherVariables.RedisUsername, redis.AdminUsername),
            (AetherVariables.RedisPassword, redis.AdminPassword),
            (AetherVariables.RedisKeyPrefix, "aether:{economy}:"),
        ];
        await using (var agent = await _world.StartAgentAsync(_first, "first", ephemeral))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await client.CommitAsync(Put("1", WorldDurability.WorldDefault), Cancellation);
            await Assert.ThrowsAsync<InvalidCommitException>(
                () => client.CommitAsync(Put("2", WorldDurability.Fsync), Cancellation));
            await client.SnapshotAsync(Cancellation);
            await agent.StopAsync();
        }

        await using var next = await _world.StartAgentAsync(_second, "second", ephemeral);
        await using var world = await next.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal((1UL, 2UL), (state.Sequence, state.Epoch));
    }

    [Fact]
    public async Task No_password_is_written_to_the_log()
    {
        await using var agent = await _world.StartAgentAsync(_first, "first");
        await using (await agent.Endpoints.ConnectAsync())
            await agent.StopAsync();
        await agent.Process.OutputEnded.WaitAsync(Patience, Cancellation);

        var written = await File.ReadAllTextAsync(agent.Process.OutputFile, Cancellation)
            + await File.ReadAllTextAsync(agent.Process.ErrorFile, Cancellation);

        Assert.Contains("Settings:", written, StringComparison.Ordinal);
        Assert.False(_world.HoldsSecret(written));
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _first.Dispose();
        _second.Dispose();
    }

    private static WorldCommit Put(string id, WorldDurability durability) =>
        new WorldCommit { Durability = durability }.Put(new("k", id), new byte[] { 1 });
}
