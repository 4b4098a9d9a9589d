using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Servers;

/// <summary>Reports of an agent to the operator: one at every change, and a final one when it stops.</summary>
public sealed class ReportTests : IAsyncLifetime
{
    private readonly ServerWorld _world = new();
    private readonly TemporaryFolder _folder = new("world");
    private ReportListener _heard = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _world.InitializeAsync();
        _heard = await ReportListener.StartAsync(_world.Nats);
    }

    public async ValueTask DisposeAsync()
    {
        await _heard.DisposeAsync();
        await _world.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Agent_reports_its_run_its_snapshots_and_its_stop()
    {
        await _heard.CreateStreamAsync();
        await using var agent = await StartAsync();

        var running = await _heard.NextAsync(report => report.Phase == RuntimePhase.Running);
        await using (var client = await agent.Endpoints.ConnectAsync())
        {
            await client.CommitAsync(Put("a"), Cancellation);
            await client.SnapshotAsync(Cancellation);
        }

        var snapshot = await _heard.NextAsync(report => report.SnapshotSequence == 1);
        await agent.StopAsync();
        var final = await _heard.NextAsync(report => report.Phase == RuntimePhase.Stopped);

        Assert.Equal(("economy-0", 1UL, "the-revision"), (running.Pod, running.Epoch, running.Revision));
        Assert.Equal((1UL, 1UL, 0UL), (snapshot.DurableSequence, snapshot.ReplicatedSequence, snapshot.RpoCommits));
        Assert.Equal((1UL, 1UL), (final.Epoch, final.ReplicatedSequence));
    }

    [Fact]
    public async Task Waiting_agent_reports_that_it_waits_and_then_that_it_took_over()
    {
        await _heard.CreateStreamAsync();
        using var folder = new TemporaryFolder("second");
        await using var first = await StartAsync();
        await _heard.NextAsync(report => report.Phase == RuntimePhase.Running);

        await using var second = await StartAsync(folder, "economy-1");
        var waiting = await _heard.NextAsync(report => report is { Pod: "economy-1", Phase: RuntimePhase.Waiting });
        await first.StopAsync();
        var running = await _heard.NextAsync(report => report is { Pod: "economy-1", Phase: RuntimePhase.Running });

        Assert.Equal((0UL, 2UL), (waiting.Epoch, running.Epoch));
    }

    [Fact]
    public async Task World_keeps_running_without_stream_and_server_and_reports_again_afterwards()
    {
        await using var agent = await StartAsync();
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.CommitAsync(Put("no stream"), Cancellation);

        await _world.Nats.StopAsync();
        var acknowledged = await client.CommitAsync(Put("no server"), Cancellation);
        await _world.Nats.StartAsync(Cancellation);
        await _heard.DisposeAsync();
        _heard = await ReportListener.StartAsync(_world.Nats);
        await _heard.CreateStreamAsync();
        // A report that was being sent when the server stopped may arrive first.
        var report = await _heard.NextAsync(report => report.DurableSequence == acknowledged.Sequence);

        Assert.Equal(2UL, acknowledged.Sequence);
        Assert.Equal(RuntimePhase.Running, report.Phase);
    }

    [Fact]
    [Trait("Field", "F05")]
    public async Task Agent_without_its_journal_reports_duration_and_cause()
    {
        await _heard.CreateStreamAsync();
        await using var agent = await StartAsync();
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.CommitAsync(Put("a"), Cancellation);
        var before = await _heard.NextAsync(
            report => report is { Phase: RuntimePhase.Running, RpoCommits: 0, JournalOutageSeconds: 0 });

        await _world.Postgres.StopAsync();
        await client.CommitAsync(
            new WorldCommit { Durability = WorldDurability.Fsync }.Put(new("thing", "b"), new byte[] { 1 }),
            Cancellation);
        var cutOff = await _heard.NextAsync(report => report is { JournalOutageSeconds: > 0, RpoCommits: 1 });
        await _world.Postgres.StartAsync(Cancellation);

        Assert.Equal("", before.JournalProblem);
        Assert.NotEqual("", cutOff.JournalProblem);
    }

    private static WorldCommit Put(string id) =>
        new WorldCommit { Durability = WorldDurability.Replicated }.Put(new("thing", id), new byte[] { 1 });

    private Task<LocalAgent> StartAsync(TemporaryFolder? folder = null, string pod = "economy-0") =>
        _world.StartAgentAsync(
            folder ?? _folder, pod, TimeProvider.System, (AetherVariables.Revision, "the-revision"));
}
