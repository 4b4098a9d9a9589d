using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Persistence.Contracts;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aether.Operator.Tests.LiveStatus;

[Trait("Kind", "Unit")]
public sealed class LatestReportsTests
{
    private static readonly ObjectKey Key = new("games", "economy");

    private readonly CollectorRegistry _registry = global::Prometheus.Metrics.NewCustomRegistry();
    private readonly LatestReports _latest;
    private readonly List<ObjectKey> _changed = [];

    public LatestReportsTests()
    {
        _latest = new LatestReports(
            new ReportMetrics(global::Prometheus.Metrics.WithCustomRegistry(_registry)),
            new FakeTimeProvider(Reports.Noon))
        {
            Changed = _changed.Add,
        };
        _latest.Follow(Reports.World());
    }

    [Fact]
    public void The_last_report_of_each_pod_is_kept()
    {
        _latest.Take(Reports.Of("a", 3), Reports.Noon);
        _latest.Take(Reports.Of("b", 0, RuntimePhase.Waiting), Reports.Noon);
        _latest.Take(Reports.Of("a", 3) with { DurableSequence = 77 }, Reports.Noon.AddSeconds(5));

        var (reports, epoch, _, _) = _latest.Read(Key);

        Assert.Equal(3UL, epoch);
        Assert.Equal([("a", 77UL), ("b", 10UL)], reports
            .Select(item => (item.Report.Pod, item.Report.DurableSequence)).Order());
    }

    [Fact]
    [Trait("Field", "F29")]
    public void Report_of_a_pod_from_before_its_worlds_adoption_is_accepted()
    {
        var heir = Reports.World("heir");
        heir.Status.Stores = new WorldStoresStatus { Identities = [Reports.Uid] };

        _latest.Follow(heir);
        _latest.Take(Reports.Of("a", 3), Reports.Noon);

        Assert.Equal("a", Assert.Single(_latest.Read(Key).Reports).Report.Pod);
    }

    [Fact]
    public void Heartbeat_without_news_causes_no_status_update()
    {
        _latest.Take(Reports.Of("a", 3), Reports.Noon);
        _changed.Clear();

        for (var beat = 1; beat <= 20; beat++)
            _latest.Take(
                Reports.Of("a", 3) with { DurableSequence = (ulong)beat * 100, RpoSeconds = 0.04 * beat },
                Reports.Noon.AddSeconds(5 * beat));

        Assert.Empty(_changed);
        Assert.Equal(Reports.Noon.AddSeconds(100), Assert.Single(_latest.Read(Key).Reports).ReceivedAt);
    }

    [Fact]
    public async Task Report_of_a_lower_epoch_is_refused_however_late_it_arrives()
    {
        _latest.Take(Reports.Of("frozen", 3), Reports.Noon);
        _latest.Take(Reports.Of("present", 4), Reports.Noon.AddSeconds(20));

        _latest.Take(Reports.Of("frozen", 3), Reports.Noon.AddSeconds(60));

        Assert.Equal("present", Assert.Single(_latest.Read(Key).Reports).Report.Pod);
        Assert.Equal(1, await CountAsync("overtaken"));
    }

    [Fact]
    [Trait("Field", "F29")]
    public void Last_report_of_a_fenced_writer_is_kept()
    {
        _latest.Take(Reports.Of("b", 4), Reports.Noon);

        _latest.Take(Reports.Of("a", 3, RuntimePhase.Fenced), Reports.Noon.AddSeconds(5));

        Assert.Equal("a", _latest.Read(Key).Fenced!.Report.Pod);
        Assert.Equal("b", Assert.Single(_latest.Read(Key).Reports).Report.Pod);
    }

    [Fact]
    public void A_recreated_schema_counts_epochs_from_one_again()
    {
        _latest.Take(Reports.Of("former", 9), Reports.Noon);

        _latest.Restart(Key);
        _latest.Take(Reports.Of("new", 1), Reports.Noon.AddSeconds(10));

        Assert.Equal((1UL, "new"), (_latest.Read(Key).Epoch, Assert.Single(_latest.Read(Key).Reports).Report.Pod));
    }

    [Fact]
    public void Lower_epoch_is_accepted_once_the_higher_one_has_not_reported_for_long()
    {
        _latest.Take(Reports.Of("former", 9), Reports.Noon);

        _latest.Take(Reports.Of("new", 1), Reports.Noon.AddMinutes(6));

        Assert.Equal(1UL, _latest.Read(Key).Epoch);
    }

    [Fact]
    public async Task Reports_of_another_world_pod_backend_or_resource_are_refused()
    {
        var report = Reports.Of("a", 3);
        var subject = WorldNames.ReportSubject(Reports.Names.SubjectPrefix, "a");
        var other = WorldNames.ReportSubject(WorldNames.For("games", "arena").SubjectPrefix, "a");

        _latest.Take(Reports.Source with { Backend = "other" }, subject, report.Write(), Reports.Noon);
        _latest.Take(Reports.Source, other, report.Write(), Reports.Noon);
        _latest.Take(
            Reports.Source, WorldNames.ReportSubject(Reports.Names.SubjectPrefix, "b"), report.Write(), Reports.Noon);
        _latest.Take(Reports.Of("a", 3) with { WorldUid = "another" }, Reports.Noon);

        Assert.Empty(_latest.Read(Key).Reports);
        Assert.Equal((2, 2), (await CountAsync("unknown_world"), await CountAsync("foreign")));
    }

    [Fact]
    public async Task World_on_PostgreSQL_reports_only_through_its_own_schema()
    {
        var world = Reports.World();
        world.Status.Stores!.ReportChannel = nameof(ReportChannel.Postgres);
        _latest.Follow(world);
        var source = Reports.Source with { Channel = ReportChannel.Postgres };
        var report = Reports.Of("a", 3);

        _latest.Take(report, Reports.Noon);
        _latest.TakeRow(source, WorldNames.For("games", "arena").Schema, report.Write(), Reports.Noon);
        _latest.TakeRow(source, "public", report.Write(), Reports.Noon);
        Assert.Empty(_latest.Read(Key).Reports);
        _latest.TakeRow(source, Reports.Names.Schema, report.Write(), Reports.Noon);

        Assert.Equal("a", Assert.Single(_latest.Read(Key).Reports).Report.Pod);
        Assert.Equal([source], _latest.Sources());
        Assert.Equal([Reports.Names.Schema], _latest.SchemasOf(source));
        Assert.Equal(3, await CountAsync("unknown_world"));
    }

    [Fact]
    public void Agents_get_time_to_switch_to_another_channel()
    {
        var world = Reports.World();
        world.Status.Stores!.ReportChannel = nameof(ReportChannel.Postgres);
        _latest.Opened(Reports.Source);
        _latest.Opened(Reports.Source with { Channel = ReportChannel.Postgres });

        var before = _latest.Read(Key).Channel;
        _latest.Follow(world);
        var after = _latest.Read(Key).Channel;

        Assert.Equal(Reports.Noon, before.Since);
        Assert.Equal((true, Reports.Noon + LatestReports.MovesWithin), (after.IsOpen, after.Since));
    }

    [Fact]
    public void World_without_stores_has_no_report_channel()
    {
        var world = Reports.World();
        world.Status.Stores = null;

        _latest.Follow(world);

        Assert.Empty(_latest.Sources());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("null")]
    [InlineData("""{"version":1}""")]
    public async Task Message_that_is_not_a_report_is_counted_and_dropped(string text)
    {
        var subject = WorldNames.ReportSubject(Reports.Names.SubjectPrefix, "a");

        _latest.Take(Reports.Source, subject, Encoding.UTF8.GetBytes(text), Reports.Noon);

        Assert.Equal(1, await CountAsync("malformed"));
    }

    [Fact]
    public async Task Reports_of_another_version_or_with_impossible_numbers_are_refused()
    {
        _latest.Take(Reports.Of("a", 3) with { Version = 2 }, Reports.Noon);
        _latest.Take(Reports.Of("a", ulong.MaxValue), Reports.Noon);
        _latest.Take(Reports.Of("a", 3) with { RpoSeconds = -1 }, Reports.Noon);
        _latest.Take(Reports.Of("a", 3) with { Detail = new string('x', AgentReport.MaxBytes) }, Reports.Noon);

        Assert.Equal(4, await CountAsync("malformed"));
    }

    [Fact]
    public void Reports_of_invented_pods_use_only_the_worlds_own_few_slots()
    {
        _latest.Take(Reports.Of("writer", 3), Reports.Noon);

        for (var number = 0; number < 1000; number++)
            _latest.Take(Reports.Of($"pod-{number}", 0, RuntimePhase.Waiting), Reports.Noon.AddSeconds(number));

        var reports = _latest.Read(Key).Reports;
        Assert.True(reports.Count <= 8, $"{reports.Count} are kept");
        Assert.Contains(reports, item => item.Report.Pod == "writer");
    }

    [Fact]
    public void Recreated_resource_of_the_same_name_starts_without_reports()
    {
        _latest.Take(Reports.Of("a", 3), Reports.Noon);

        _latest.Follow(Reports.World("new"));

        Assert.Equal((0UL, 0), (_latest.Read(Key).Epoch, _latest.Read(Key).Reports.Count));
    }

    private async Task<int> CountAsync(string result)
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        var line = Encoding.UTF8.GetString(text.ToArray()).Split('\n')
            .FirstOrDefault(item => item.StartsWith(
                $"aether_operator_reports_total{{result=\"{result}\"}} ", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
