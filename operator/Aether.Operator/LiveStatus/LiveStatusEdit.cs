using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Reconciling;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// Puts a <see cref="LiveView"/> into a world's status, and tells whether a person would act on what that changes.
/// Sequences, seconds and times ride along; alone they are no reason to write.
/// </summary>
internal static class LiveStatusEdit
{
    /// <summary>Edits the status of <paramref name="world"/>, which is the caller's own copy.</summary>
    public static LiveStatusChange Apply(WorldPersistence world, LiveView view, TimeProvider clock)
    {
        var status = world.Status;
        var (before, snapshotBefore) = (Acted(status), status.LastSnapshot?.Sequence);
        SetLive(status, view);
        SetNumbers(status, view);
        SetCondition(world, view, clock);
        if (IsReady(status))
            status.Phase = LivePhase.Of(status.AgentPhase);

        if (!before.Equals(Acted(status)) || (snapshotBefore is null && status.LastSnapshot is not null))
            return LiveStatusChange.Urgent;
        return snapshotBefore != status.LastSnapshot?.Sequence ? LiveStatusChange.Snapshot : LiveStatusChange.None;
    }

    private static void SetLive(WorldPersistenceStatus status, LiveView view)
    {
        status.AgentPhase = view.Phase?.ToString();
        status.Epoch = view.Epoch;
        status.Holder = view.Holder;
        status.Rpo = RpoStep.Of(view.RpoSeconds);
        status.RpoSeconds = (long?)view.RpoSeconds;
        status.Agents = view.Agents is var (ready, outdated)
            ? new WorldAgentsStatus { Ready = ready, Outdated = outdated }
            : null;
    }

    // An agent that has not recovered yet does not know them; what the one before said of them holds until it does.
    private static void SetNumbers(WorldPersistenceStatus status, LiveView view)
    {
        if (view.Writer is not { } writer)
            return;

        var report = writer.Report;
        status.ReportedAt = LiveView.Text(writer.HeardAt);
        if (report.DurableSequence > 0)
            status.DurableSequence = (long)report.DurableSequence;
        if (report.ReplicatedSequence > 0)
            status.ReplicatedSequence = (long)report.ReplicatedSequence;
        if (report is { SnapshotSequence: { } sequence, SnapshotTime: { } time })
            status.LastSnapshot = new WorldSnapshotStatus { Sequence = (long)sequence, Time = LiveView.Text(time) };
    }

    private static void SetCondition(WorldPersistence world, LiveView view, TimeProvider clock)
    {
        var conditions = new ConditionSet(world.Status.Conditions ??= [], world.Metadata.Generation, clock);
        if (view.Reporting is { } reporting)
            conditions.Set(AgentReporting.Type, reporting.Status, reporting.Reason, reporting.Message);
        else if (view.Phase is null)
            conditions.Remove(AgentReporting.Type);
        SetLimits(conditions, world.Spec, view);
    }

    // What a world's last writer said holds until another one serves: a state does not become smaller by itself.
    private static void SetLimits(ConditionSet conditions, WorldPersistenceSpec spec, LiveView view)
    {
        if (view.Writer is not { Report: { Phase: AgentPhase.Running } report })
            return;
        var (status, reason, message) = WithinLimits.Of(report, spec.Wal.MaxLag);
        conditions.Set(WithinLimits.Type, status, reason, message);
    }

    private static bool IsReady(WorldPersistenceStatus status) => status.Conditions!.Any(
        condition => condition.Type == WorldReasons.Ready && condition.Status == nameof(ConditionStatus.True));

    private static object Acted(WorldPersistenceStatus status)
    {
        var condition = status.Conditions?.FirstOrDefault(item => item.Type == AgentReporting.Type);
        var limits = status.Conditions?.FirstOrDefault(item => item.Type == WithinLimits.Type);
        return (
            status.Phase, status.AgentPhase, status.Epoch, status.Holder, status.Rpo,
            (status.Agents?.Ready, status.Agents?.Outdated),
            (condition?.Status, condition?.Reason),
            (limits?.Status, limits?.Reason));
    }
}
