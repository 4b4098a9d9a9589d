using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Servers;

/// <summary>
/// Reports of an agent that reach the operator through PostgreSQL, because its settings name no NATS.
/// </summary>
public sealed class PostgresReportTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ServerWorld _world = new();
    private readonly TemporaryFolder _folder = new("world");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Agent_without_NATS_reports_its_run_and_its_stop_through_PostgreSQL()
    {
        await using var agent = await _world.StartAgentAsync(
            _folder, "economy-0", TimeProvider.System, (AetherVariables.NatsUrl, ""));

        var running = await ReadAsync(report => report.Phase == RuntimePhase.Running);
        await using (var client = await agent.Endpoints.ConnectAsync())
        {
            await client.CommitAsync(
                new WorldCommit { Durability = WorldDurability.Replicated }.Put(new("thing", "a"), new byte[] { 1 }),
                Cancellation);
        }

        var committed = await ReadAsync(report => report.ReplicatedSequence == 1);
        await agent.StopAsync();
        var final = await ReadAsync(report => report.Phase == RuntimePhase.Stopped);

        Assert.Equal(("economy-0", 1UL), (running.Pod, running.Epoch));
        Assert.Equal(1UL, committed.DurableSequence);
        Assert.Equal((1UL, 1UL), (final.Epoch, final.ReplicatedSequence));
    }

    [Fact]
    public async Task Missing_table_of_reports_affects_only_the_reports()
    {
        await _world.ExecuteAsync("ALTER TABLE {schema}.agent_reports RENAME TO not_yet");
        await using var agent = await _world.StartAgentAsync(
            _folder, "economy-0", TimeProvider.System, (AetherVariables.NatsUrl, ""));
        await using var client = await agent.Endpoints.ConnectAsync();

        var acknowledged = await client.CommitAsync(
            new WorldCommit { Durability = WorldDurability.Replicated }.Put(new("thing", "a"), new byte[] { 1 }),
            Cancellation);
        await _world.ExecuteAsync("ALTER TABLE {schema}.not_yet RENAME TO agent_reports");

        Assert.Equal(1UL, acknowledged.Sequence);
        await ReadAsync(report => report.Phase == RuntimePhase.Running);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reports_follow_the_settings_from_NATS_to_PostgreSQL_and_back(bool startsWithNats)
    {
        await using var heard = await ReportListener.StartAsync(_world.Nats);
        await heard.CreateStreamAsync();
        var (agent, secret) = await _world.StartAgentWithSecretAsync(
            _folder, "economy-0", (AetherVariables.NatsUrl, startsWithNats ? _world.Nats.Url : ""));
        await using var running = agent;
        using var mounted = secret;
        if (startsWithNats)
            await heard.NextAsync(report => report is { Phase: RuntimePhase.Running, NeedsRestart: false });

        secret.Change((AetherVariables.NatsUrl, ""));
        var read = await ReadAsync(report =>
            report.Phase == RuntimePhase.Running && report.NeedsRestart == startsWithNats);
        secret.Change((AetherVariables.NatsUrl, _world.Nats.Url));
        var last = await heard.NextAsync(
            report => report.NeedsRestart != startsWithNats && report.SentAt > read.SentAt);

        Assert.Equal(("economy-0", "economy-0"), (read.Pod, last.Pod));
    }

    private async Task<AgentReport> ReadAsync(Func<AgentReport, bool> isIt)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, Cancellation);
        while (true)
        {
            if (await _world.ReadReportAsync() is { } bytes && AgentReport.TryRead(bytes) is { } report && isIt(report))
                return report;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, either.Token);
        }
    }
}
