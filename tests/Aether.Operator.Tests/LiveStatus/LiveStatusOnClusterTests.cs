using Aether.Operator.Kinds;
using Aether.Operator.Tests.Reconciling;
using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Operator.Tests.LiveStatus;

/// <summary>Reports on a real nats-server become the status on a real API server.</summary>
public sealed class LiveStatusOnClusterTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reports_of_an_agent_show_and_numbers_are_written_with_the_next_significant_change()
    {
        var world = await ReadyAsync();
        await ReportAsync(world, "economy-0", epoch: 1);

        var shown = await cluster.WaitAsync(world, current => current.Status.Phase == "Running");
        for (var beat = 1UL; beat <= 20; beat++)
            await ReportAsync(world, "economy-0", epoch: 1, report => report with { DurableSequence = 100 * beat });
        await ReportAsync(
            world, "economy-0", epoch: 1, report => report with { DurableSequence = 9000, RpoSeconds = 70 });
        var late = await cluster.WaitAsync(world, current => current.Status.Rpo == "1m");

        Assert.Equal((1L, "economy-0", "0s"), (shown.Status.Epoch, shown.Status.Holder, shown.Status.Rpo));
        Assert.Equal(("True", "Reporting"), Reporting(shown));
        Assert.Equal((9000L, 70L), (late.Status.DurableSequence, late.Status.RpoSeconds));
        await cluster.WaitEventAsync(world, "WriterChanged", "economy-0");
    }

    [Fact]
    public async Task New_writer_shows_and_reports_of_the_former_one_are_ignored()
    {
        var world = await ReadyAsync();
        await ReportAsync(world, "first", epoch: 1);
        await cluster.WaitAsync(world, current => current.Status.Holder == "first");

        await ReportAsync(world, "second", epoch: 2);
        await ReportAsync(world, "first", epoch: 1);
        await cluster.WaitAsync(world, current => current.Status.Holder == "second");
        await ReportAsync(world, "second", epoch: 2, report => report with { Phase = RuntimePhase.Stopped });
        var stopped = await cluster.WaitAsync(world, current => current.Status.AgentPhase == "Stopped");

        Assert.Equal(("Ready", 2L, null), (stopped.Status.Phase, stopped.Status.Epoch, stopped.Status.Holder));
        Assert.Equal(("False", "Stopped"), Reporting(stopped));
    }

    [Fact]
    public async Task New_operator_reads_the_reports_that_were_kept()
    {
        var world = await ReadyAsync();
        await ReportAsync(world, "first", epoch: 1);
        await cluster.WaitAsync(world, current => current.Status.Holder == "first");

        await cluster.RestartOperatorAsync(() => ReportAsync(world, "second", epoch: 2));

        var shown = await cluster.WaitAsync(world, current => current.Status.Holder == "second");
        Assert.Equal(("Running", 2L), (shown.Status.Phase, shown.Status.Epoch));
    }

    [Fact]
    public async Task A_dropped_stream_is_recreated_and_reports_arrive_again()
    {
        var world = await ReadyAsync();
        await ReportAsync(world, "first", epoch: 1);
        await cluster.WaitAsync(world, current => current.Status.Holder == "first");

        await using (var admin = Connect())
            await new NatsJSContext(admin).DeleteStreamAsync(AetherNames.ReportStream, Stop);

        await Eventually.IsTrueAsync(() => TryReportAsync(world, "second", epoch: 2), Stop);
        await cluster.WaitAsync(world, current => current.Status.Holder == "second");
    }

    private static (string, string) Reporting(WorldPersistence world) =>
        Cluster.Condition(world, "AgentReporting") is { } condition ? (condition.Status, condition.Reason) : ("", "");

    private async Task<WorldPersistence> ReadyAsync() => await cluster.WaitReadyAsync(
        await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "economy", "{}"));

    private Task ReportAsync(
        WorldPersistence world, string pod, ulong epoch, Func<AgentReport, AgentReport>? change = null) =>
        Eventually.IsTrueAsync(() => TryReportAsync(world, pod, epoch, change), Stop);

    private async Task<bool> TryReportAsync(
        WorldPersistence world, string pod, ulong epoch, Func<AgentReport, AgentReport>? change = null)
    {
        var report = Reports.Of(pod, epoch) with { WorldUid = world.Metadata.Uid, Revision = "" };
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        await using var connection = Connect();
        try
        {
            var answer = await new NatsJSContext(connection).PublishAsync(
                WorldNames.ReportSubject(names.SubjectPrefix, pod),
                (change?.Invoke(report) ?? report).Write(),
                cancellationToken: Stop);
            return answer.Error is null;
        }
        catch (NatsException)
        {
            // The operator has not created the report stream yet.
            return false;
        }
    }

    private NatsConnection Connect() => new(new NatsOpts
    {
        Url = cluster.Nats.Url,
        AuthOpts = new NatsAuthOpts { Username = cluster.Nats.AdminUsername, Password = cluster.Nats.AdminPassword },
    });
}
