using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Persistence.Contracts;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Operator.Tests.LiveStatus;

[Trait("Kind", "Unit")]
public sealed class LiveStatusEditTests
{
    private static readonly ChannelState Open = new(Reports.Noon.AddHours(-1), null);

    private readonly FakeTimeProvider _clock = new(Reports.Noon);
    private readonly WorldPersistence _world = Reports.World();

    public LiveStatusEditTests()
    {
        _world.Status.Phase = nameof(WorldPhase.Ready);
        _world.Status.Conditions =
        [
            new V1Condition { Type = "Ready", Status = "True", Reason = "AllStoresReady", Message = "Label pods." },
        ];
    }

    [Fact]
    public void The_first_report_fills_the_status()
    {
        var change = Apply(Reports.Of("economy-0", 4));

        var status = _world.Status;
        Assert.Equal(LiveStatusChange.Urgent, change);
        Assert.Equal(("Running", "Running", 4L, "economy-0"),
            (status.Phase, status.AgentPhase, status.Epoch, status.Holder));
        Assert.Equal((10L, 9L, "0s", 0L),
            (status.DurableSequence, status.ReplicatedSequence, status.Rpo, status.RpoSeconds));
        Assert.Equal((5L, "2026-01-31T11:58:00Z"), (status.LastSnapshot!.Sequence, status.LastSnapshot.Time));
        Assert.Equal((1, 0), (status.Agents!.Ready, status.Agents.Outdated));
        Assert.Equal("2026-01-31T12:00:00Z", status.ReportedAt);
    }

    [Fact]
    [Trait("Field", "F04")]
    public void Snapshot_store_that_refuses_the_agent_sets_a_condition_until_it_recovers()
    {
        var fine = Reports.Of("economy-0", 4);
        Apply(fine);
        var before = ConditionOf("SnapshotStoreReachable");

        var change = Apply(fine with { SnapshotProblem = "redis is unavailable: r:6379: READONLY" });
        var failing = ConditionOf("SnapshotStoreReachable");
        Apply(fine);

        Assert.Equal(LiveStatusChange.Urgent, change);
        Assert.Equal("True", before?.Status);
        Assert.Equal(("False", "SnapshotStoreUnreachable"), (failing?.Status, failing?.Reason));
        Assert.Contains("r:6379: READONLY", failing?.Message ?? "", StringComparison.Ordinal);
        Assert.Equal("True", ConditionOf("SnapshotStoreReachable")?.Status);
    }

    [Fact]
    [Trait("Field", "F04")]
    public void Agent_that_stopped_without_its_last_snapshot_reports_the_lost_commits()
    {
        Apply(Reports.Of("economy-0", 4));

        var change = Apply(
            Reports.Of("economy-0", 4, RuntimePhase.Stopped) with { Detail = "Commits 3 to 4 are lost: no answer" });

        Assert.Equal(LiveStatusChange.Urgent, change);
        Assert.Equal("StoppedWithLoss", ConditionOf("AgentReporting")?.Reason);
        Assert.Contains(
            "Commits 3 to 4 are lost", ConditionOf("AgentReporting")?.Message ?? "", StringComparison.Ordinal);
        Assert.Null(ConditionOf("SnapshotStoreReachable"));
    }

    [Fact]
    [Trait("Field", "F05")]
    public void Writer_without_its_journal_sets_condition_and_phase_until_the_journal_recovers()
    {
        var report = Reports.Of("economy-0", 4) with { JournalOutageSeconds = 0 };
        Apply(report);

        var change = Apply(
            report with { JournalOutageSeconds = 16, JournalProblem = "password refused", RpoCommits = 7 });
        var condition = _world.Status.Conditions!.Single(item => item.Type == JournalReachable.Type);
        var (phase, status, reason, message) =
            (_world.Status.Phase, condition.Status, condition.Reason, condition.Message);
        Apply(report);

        Assert.Equal((LiveStatusChange.Urgent, "JournalUnreachable"), (change, phase));
        Assert.Equal(("False", "JournalUnreachable"), (status, reason));
        Assert.Contains("password refused", message, StringComparison.Ordinal);
        Assert.Contains("only on its volume: 7", message, StringComparison.Ordinal);
        Assert.Equal(("Running", "True"), (
            _world.Status.Phase,
            _world.Status.Conditions!.Single(item => item.Type == JournalReachable.Type).Status));
    }

    [Fact]
    [Trait("Field", "F05")]
    public void Writer_without_its_journal_is_reported_even_while_the_stores_are_not_ready()
    {
        var report = Reports.Of("economy-0", 4) with { JournalOutageSeconds = 0 };
        Apply(report);
        _world.Status.Phase = nameof(WorldPhase.Degraded);
        var ready = _world.Status.Conditions!.Single(item => item.Type == "Ready");
        (ready.Status, ready.Reason) = ("False", "StoresNotReady");

        var change = Apply(report with { JournalOutageSeconds = 16, JournalProblem = "connection refused" });

        Assert.Equal((LiveStatusChange.Urgent, "Degraded"), (change, _world.Status.Phase));
    }

    [Theory]
    [Trait("Field", "F05")]
    [InlineData("emptyDir", "they are lost")]
    [InlineData("persistentVolumeClaim", "start the world's pod on it")]
    public void Writer_that_stopped_with_unshipped_commits_reports_their_fate(string volume, string fate)
    {
        _world.Status.Profile = new WorldProfileStatus { Volume = volume };

        Apply(Reports.Of("economy-0", 4, RuntimePhase.Stopped) with { JournalOutageSeconds = 0, RpoCommits = 7 });

        var condition = _world.Status.Conditions!.Single(item => item.Type == JournalReachable.Type);
        Assert.Equal("CommitsNotShipped", condition.Reason);
        Assert.Contains("7 commits", condition.Message, StringComparison.Ordinal);
        Assert.Contains(fate, condition.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F05")]
    public void An_agent_that_needs_a_restart_for_changed_settings_is_outdated()
    {
        Apply(Reports.Of("economy-0", 4) with { NeedsRestart = true });

        Assert.Equal(1, _world.Status.Agents!.Outdated);
        Assert.Contains(
            "restart the pod",
            _world.Status.Conditions!.Single(item => item.Type == AgentReporting.Type).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_numbers_alone_are_not_written()
    {
        var first = Reports.Of("economy-0", 4);
        Apply(first);

        var change = Apply(first with
        {
            DurableSequence = 5000,
            ReplicatedSequence = 4990,
            RpoCommits = 10,
            RpoSeconds = 0.9,
            SentAt = Reports.Noon.AddSeconds(5),
        });

        Assert.Equal(LiveStatusChange.None, change);
    }

    [Fact]
    public void RPO_that_grows_by_a_step_is_written()
    {
        var first = Reports.Of("economy-0", 4);
        Apply(first);

        Assert.Equal(LiveStatusChange.Urgent, Apply(first with { RpoSeconds = 17 }));
        Assert.Equal(("15s", 17L), (_world.Status.Rpo, _world.Status.RpoSeconds));
        Assert.Equal(LiveStatusChange.None, Apply(first with { RpoSeconds = 29 }));
    }

    [Fact]
    public void Journal_that_falls_behind_is_written_as_a_false_condition()
    {
        var first = Reports.Of("economy-0", 4) with { RpoSeconds = 29 };
        Apply(first);

        Assert.Equal(LiveStatusChange.Urgent, Apply(first with { RpoSeconds = 31 }));
        var condition = Assert.Single(_world.Status.Conditions!, item => item.Type == WithinLimits.Type);
        Assert.Equal(("False", WithinLimits.ReasonJournalBehind), (condition.Status, condition.Reason));
    }

    [Fact]
    public void Newer_snapshot_can_wait_and_the_first_one_is_urgent()
    {
        var none = Reports.Of("economy-0", 4) with { SnapshotSequence = null, SnapshotTime = null };
        Apply(none);

        Assert.Equal(LiveStatusChange.Urgent, Apply(Reports.Of("economy-0", 4)));
        Assert.Equal(LiveStatusChange.Snapshot, Apply(Reports.Of("economy-0", 4) with { SnapshotSequence = 8 }));
    }

    [Fact]
    public void Phase_names_a_problem_of_the_stores_before_the_phase_of_the_agent()
    {
        _world.Status.Phase = nameof(WorldPhase.Degraded);
        _world.Status.Conditions![0].Status = "False";

        Apply(Reports.Of("economy-0", 4));

        Assert.Equal(("Degraded", "Running"), (_world.Status.Phase, _world.Status.AgentPhase));
    }

    [Fact]
    public void Recovering_agent_keeps_the_known_sequences()
    {
        Apply(Reports.Of("economy-0", 4));

        Apply(Reports.Of("economy-1", 5, RuntimePhase.Recovering) with
        {
            DurableSequence = 0,
            ReplicatedSequence = 0,
            RpoSeconds = null,
            SnapshotSequence = null,
        });

        var status = _world.Status;
        Assert.Equal((5L, "economy-1", "Recovering"), (status.Epoch, status.Holder, status.Phase));
        Assert.Equal((10L, 9L, 5L),
            (status.DurableSequence, status.ReplicatedSequence, status.LastSnapshot!.Sequence));
        Assert.Null(status.Rpo);
    }

    [Fact]
    [Trait("Field", "F29")]
    public void World_with_a_failed_agent_is_not_ready_and_AgentReporting_is_false()
    {
        Apply(Reports.Of("economy-0", 4));

        var change = Apply(Failure);

        Assert.Equal(LiveStatusChange.Urgent, change);
        Assert.Equal("Failed", _world.Status.Phase);
        Assert.Equal(("False", "AgentFailed"), Condition("Ready"));
        Assert.Equal(("False", "Failed"), Condition("AgentReporting"));
        Assert.Contains("The log is damaged.", _world.Status.Conditions![0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Field", "F29")]
    [InlineData(RuntimePhase.Starting, "False")]
    [InlineData(RuntimePhase.Recovering, "False")]
    [InlineData(RuntimePhase.Running, "True")]
    public void World_with_a_failed_agent_is_ready_again_once_an_agent_serves(RuntimePhase phase, string ready)
    {
        Apply(Failure);

        Apply(Reports.Of("economy-0", 4, phase));

        Assert.Equal(ready, Condition("Ready").Status);
    }

    [Theory]
    [Trait("Field", "F29")]
    [InlineData(9, "False", "Failed")]
    [InlineData(11, "True", "Ready")]
    public void Failure_is_forgotten_when_no_pod_could_repeat_it(int minutes, string ready, string phase)
    {
        Apply(Failure with { Epoch = 0 });
        _clock.Advance(TimeSpan.FromMinutes(minutes));
        _world.Status.AgentPhase = null;

        WorldReadiness.Apply(
            _world, new ConditionSet(_world.Status.Conditions!, 1, _clock), _clock);

        Assert.Equal((ready, phase), (Condition("Ready").Status, _world.Status.Phase));
    }

    [Theory]
    [InlineData(0.0, "0s")]
    [InlineData(0.999, "0s")]
    [InlineData(1.0, "1s")]
    [InlineData(59.9, "15s")]
    [InlineData(3600.0, "1h")]
    [InlineData(1e9, "1d")]
    public void RPO_is_reported_in_steps(double seconds, string step) => Assert.Equal(step, RpoStep.Of(seconds));

    private static AgentReport Failure =>
        Reports.Of("economy-0", 4, RuntimePhase.Failed) with { Detail = "The log is damaged." };

    private (string Status, string Reason) Condition(string type)
    {
        var found = _world.Status.Conditions!.Single(condition => condition.Type == type);
        return (found.Status, found.Reason);
    }

    private (string Status, string Reason, string Message)? ConditionOf(string type) =>
        _world.Status.Conditions?.FirstOrDefault(condition => condition.Type == type) is { } found
            ? (found.Status, found.Reason, found.Message)
            : null;

    private LiveStatusChange Apply(AgentReport report)
    {
        var (view, _) = LiveView.Of(
            _world.Status, ([report.ReceivedAgo()], report.Epoch, null), Open, Reports.Revision, Reports.Noon);
        return LiveStatusEdit.Apply(_world, view!, _clock);
    }
}
