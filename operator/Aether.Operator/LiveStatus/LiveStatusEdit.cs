using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// Applies a <see cref="LiveView"/> to a world's status, and tells whether a user would act on the change. Sequences,
/// seconds and times are updated with it, but alone are no reason to write.
/// </summary>
internal static class LiveStatusEdit
{
    /// <summary>Edits the status of <paramref name="world"/>, which must be the caller's own copy.</summary>
    public static LiveStatusChange Apply(WorldPersistence world, LiveView view, TimeProvider clock)
    {
        var status = world.Status;
        var (before, snapshotBefore) = (Significant(status), status.LastSnapshot?.Sequence);
        SetLive(status, view);
        SetNumbers(status, view);
        var conditions = new ConditionSet(status.Conditions ??= [], world.Metadata.Generation, clock);
        SetReporting(conditions, view);
        SetJournal(conditions, view);
        SetLimits(conditions, world.Spec, view);
        SetContention(conditions, view);
        if (WorldReadiness.StoresAreReady(world))
            WorldReadiness.Apply(world, conditions, clock);

        if (!before.Equals(Significant(status)) || (snapshotBefore is null && status.LastSnapshot is not null))
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

    // An agent that is still recovering does not report these numbers: those of the previous agent stay until it does.
    private static void SetNumbers(WorldPersistenceStatus status, LiveView view)
    {
        if (view.Writer is not { } writer)
            return;

        var report = writer.Report;
        status.ReportedAt = LiveView.Text(writer.ReceivedAt);
        if (report.DurableSequence > 0)
            status.DurableSequence = (long)report.DurableSequence;
        if (report.ReplicatedSequence > 0)
            status.ReplicatedSequence = (long)report.ReplicatedSequence;
        if (report is { SnapshotSequence: { } sequence, SnapshotTime: { } time })
            status.LastSnapshot = new WorldSnapshotStatus { Sequence = (long)sequence, Time = LiveView.Text(time) };
    }

    private static void SetReporting(ConditionSet conditions, LiveView view)
    {
        if (view.Reporting is { } reporting)
            conditions.Set(AgentReporting.Type, reporting.Status, reporting.Reason, reporting.Message);
        else if (view.Phase is null)
            conditions.Remove(AgentReporting.Type);
        if (view.Snapshots is { } snapshots)
            conditions.Set(SnapshotStoreReachable.Type, snapshots.Status, snapshots.Reason, snapshots.Message);
        else
            conditions.Remove(SnapshotStoreReachable.Type);
    }

    // The last writer's condition stays until another one serves: a state does not shrink by itself.
    private static void SetLimits(ConditionSet conditions, WorldPersistenceSpec spec, LiveView view)
    {
        if (view.Writer is not { Report: { Phase: RuntimePhase.Running } report })
            return;
        var (status, reason, message) = WithinLimits.Of(report, spec.Wal.MaxLag);
        conditions.Set(WithinLimits.Type, status, reason, message);
    }

    private static void SetJournal(ConditionSet conditions, LiveView view)
    {
        if (view.Journal is { } journal)
            conditions.Set(JournalReachable.Type, journal.Status, journal.Reason, journal.Message);
        else
            conditions.Remove(JournalReachable.Type);
    }

    private static void SetContention(ConditionSet conditions, LiveView view)
    {
        if (view.Contention is { } contention)
            conditions.Set(Contention.Type, ConditionStatus.True, contention.Reason, contention.Message);
        else
            conditions.Remove(Contention.Type);
    }

    private static object Significant(WorldPersistenceStatus status)
    {
        var conditions = status.Conditions?
            .Where(item => item.Type
                is AgentReporting.Type or Contention.Type or WithinLimits.Type or WorldConditions.Ready
                or SnapshotStoreReachable.Type or JournalReachable.Type)
            .OrderBy(item => item.Type, StringComparer.Ordinal)
            .Select(item => $"{item.Type} {item.Status} {item.Reason}");
        return (
            status.Phase, status.AgentPhase, status.Epoch, status.Holder, status.Rpo,
            (status.Agents?.Ready, status.Agents?.Outdated),
            string.Join('\n', conditions ?? []));
    }
}
