using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Tests.LiveStatus;

public sealed class LiveViewTests
{
    private static readonly ChannelState LongOpen = new(Reports.Noon.AddHours(-1), null);
    private static readonly ChannelState JustOpen = new(Reports.Noon.AddSeconds(-1), null);

    private readonly WorldPersistenceStatus _status = new();

    [Fact]
    public void A_world_without_agents_has_nothing_to_show_and_nothing_to_wait_for()
    {
        var (view, due) = See(LongOpen);

        Assert.Null(view!.Phase);
        Assert.Null(view.Reporting);
        Assert.Null(view.Agents);
        Assert.Null(due);
    }

    [Fact]
    public void The_writer_is_the_pod_of_the_highest_epoch()
    {
        var (view, due) = See(
            LongOpen,
            Reports.Of("a", 3).ReceivedAgo(4),
            Reports.Of("b", 0, RuntimePhase.Waiting).ReceivedAgo(1));

        Assert.Equal((WorldAgentPhase.Running, 3L, "a"), (view!.Phase, view.Epoch, view.Holder));
        Assert.Equal((1, 0), view.Agents);
        Assert.Equal(ConditionStatus.True, view.Reporting!.Status);
        Assert.Equal(Reports.Noon.AddSeconds(26), due);
    }

    [Fact]
    public void Waiting_pod_is_shown_while_there_is_no_writer()
    {
        var (view, _) = See(LongOpen, Reports.Of("b", 0, RuntimePhase.Waiting).ReceivedAgo(1));

        Assert.Equal((WorldAgentPhase.Waiting, null), (view!.Phase, view.Holder));
        Assert.Equal((0, 0), view.Agents);
    }

    [Fact]
    public void A_writer_without_a_report_for_thirty_seconds_is_silent_and_its_RPO_unknown()
    {
        var (view, due) = See(LongOpen, Reports.Of("a", 3).ReceivedAgo(31));

        Assert.Equal((WorldAgentPhase.Silent, "a"), (view!.Phase, view.Holder));
        Assert.Null(view.RpoSeconds);
        Assert.Equal((0, 0), view.Agents);
        Assert.Equal((ConditionStatus.False, "Silent"), (view.Reporting!.Status, view.Reporting.Reason));
        Assert.Contains("2026-01-31T11:59:29Z", view.Reporting.Message);
        Assert.Null(due);
    }

    [Fact]
    public void Phase_is_that_of_a_pod_waiting_for_a_silent_writer_and_the_silence_is_still_reported()
    {
        var (view, _) = See(
            LongOpen, Reports.Of("a", 3).ReceivedAgo(31), Reports.Of("b", 0, RuntimePhase.Waiting).ReceivedAgo(1));

        Assert.Equal((WorldAgentPhase.Waiting, "a"), (view!.Phase, view.Holder));
        Assert.Equal("Silent", view.Reporting!.Reason);
    }

    [Fact]
    public void Final_report_leaves_no_holder_and_causes_no_silence()
    {
        var (view, _) = See(LongOpen, Reports.Of("a", 3, RuntimePhase.Stopped).ReceivedAgo(3600));

        Assert.Equal((WorldAgentPhase.Stopped, 3L, null), (view!.Phase, view.Epoch, view.Holder));
        Assert.Equal((ConditionStatus.False, "Stopped"), (view.Reporting!.Status, view.Reporting.Reason));
    }

    [Fact]
    public void A_writer_whose_container_restarts_still_holds_the_world()
    {
        (_status.Holder, _status.Epoch, _status.AgentPhase) = ("a", 3, "Running");

        var (view, _) = See(LongOpen, 3, Reports.Of("a", 0, RuntimePhase.Starting).ReceivedAgo(1));

        Assert.Equal((WorldAgentPhase.Starting, 3L, "a"), (view!.Phase, view.Epoch, view.Holder));
        Assert.Equal(ConditionStatus.True, view.Reporting!.Status);
    }

    [Fact]
    public void New_operator_trusts_the_status_until_every_agent_had_time_to_report()
    {
        (_status.Holder, _status.Epoch, _status.AgentPhase) = ("a", 3, "Running");

        var (early, due) = See(JustOpen);
        var (late, _) = See(LongOpen);

        Assert.Null(early);
        Assert.Equal(Reports.Noon.AddSeconds(29), due);
        Assert.Equal(WorldAgentPhase.Silent, late!.Phase);
    }

    [Fact]
    public void New_operator_does_not_show_a_silent_writer_as_running()
    {
        (_status.Holder, _status.Epoch, _status.AgentPhase) = ("a", 3, "Silent");

        var (view, _) = See(JustOpen, Reports.Of("a", 3).ReceivedAgo(600));

        Assert.Equal(WorldAgentPhase.Silent, view!.Phase);
    }

    [Fact]
    public void Without_a_channel_no_writer_is_silent_and_the_status_says_that_it_is_not_live()
    {
        (_status.Holder, _status.Epoch, _status.AgentPhase) = ("a", 3, "Running");
        var cut = new ChannelState(Reports.Noon.AddSeconds(-29), "the connection was cut");

        var (early, due) = See(cut, Reports.Of("a", 3).ReceivedAgo(30));
        var (late, _) = See(cut with { Since = Reports.Noon.AddSeconds(-30) }, Reports.Of("a", 3).ReceivedAgo(31));

        Assert.Null(early);
        Assert.Equal(Reports.Noon.AddSeconds(1), due);
        Assert.Equal((null, 3L, "a"), (late!.Phase, late.Epoch, late.Holder));
        Assert.Null(late.RpoSeconds);
        Assert.Equal((ConditionStatus.Unknown, "ReportsUnavailable"), (late.Reporting!.Status, late.Reporting.Reason));
        Assert.Contains("the connection was cut", late.Reporting.Message);
    }

    [Fact]
    public void Without_a_channel_the_status_of_a_world_without_an_agent_stays()
    {
        var (view, due) = See(new ChannelState(Reports.Noon.AddHours(-1), "unreachable"));

        Assert.Null(view);
        Assert.Null(due);
    }

    [Fact]
    public void Agent_of_an_older_revision_is_outdated()
    {
        var (view, _) = See(LongOpen, (Reports.Of("a", 3) with { Revision = "former" }).ReceivedAgo(1));

        Assert.Equal((1, 1), view!.Agents);
    }

    [Fact]
    [Trait("Field", "F29")]
    public void A_pod_that_waits_beside_a_serving_writer_is_reported_by_name()
    {
        var (view, _) = See(
            LongOpen, Reports.Of("a", 3).ReceivedAgo(4), Reports.Of("b", 0, RuntimePhase.Waiting).ReceivedAgo(1));

        Assert.Equal(("PodWaiting", "b"), (view!.Contention!.Reason, view.Contention.Pod));
        Assert.Contains("pod a serves under epoch 3", view.Contention.Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Field", "F29")]
    [InlineData(RuntimePhase.Stopping)]
    [InlineData(RuntimePhase.Recovering)]
    public void Pod_that_waits_during_a_takeover_is_no_contention(RuntimePhase phase)
    {
        var (view, _) = See(
            LongOpen,
            Reports.Of("a", 3, phase).ReceivedAgo(4),
            Reports.Of("b", 0, RuntimePhase.Waiting).ReceivedAgo(1));

        Assert.Null(view!.Contention);
    }

    [Theory]
    [Trait("Field", "F29")]
    [InlineData(29, true)]
    [InlineData(30, false)]
    public void A_fenced_pod_is_reported_for_thirty_seconds(double secondsAgo, bool reported)
    {
        var report = Reports.Of("a", 3, RuntimePhase.Fenced) with { Detail = "Fenced by 'b'." };
        var fenced = report.ReceivedAgo(secondsAgo);

        var (view, _) = LiveView.Of(
            _status, ([Reports.Of("b", 4).ReceivedAgo(1)], 4, fenced), LongOpen, Reports.Revision, Reports.Noon);

        Assert.Equal(reported ? "PodFenced" : null, view!.Contention?.Reason);
        Assert.Equal(reported, view.Contention?.Message.Contains("Pod a wrote under epoch 3") == true);
    }

    private (LiveView? View, DateTimeOffset? Due) See(ChannelState channel, params ReceivedReport[] reports) =>
        See(channel, reports.Select(item => item.Report.Epoch).Append(0UL).Max(), reports);

    private (LiveView? View, DateTimeOffset? Due) See(
        ChannelState channel, ulong epoch, params ReceivedReport[] reports) =>
        LiveView.Of(_status, (reports, epoch, null), channel, Reports.Revision, Reports.Noon);
}
