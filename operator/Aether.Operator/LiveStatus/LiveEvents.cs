using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.LiveStatus;

/// <summary>Records events about a world's writer once the status shows them.</summary>
internal sealed class LiveEvents(IEventRecorder events)
{
    /// <summary>The facts that the events report, as the status shows them.</summary>
    public static WriterFacts Facts(WorldPersistence world)
    {
        var status = world.Status;
        return new WriterFacts(
            status.AgentPhase,
            status.Epoch,
            status.Holder,
            Message(world, Contention.Type),
            Find(world, SnapshotStoreReachable.Type)?.Status == "False",
            Find(world, JournalReachable.Type)?.Reason);
    }

    /// <summary>
    /// Records the changes of the writer of <paramref name="world"/> since <paramref name="before"/>.
    /// </summary>
    public void Record(WorldPersistence world, WriterFacts before)
    {
        var now = Facts(world);
        if (now.Holder is not null && (now.Epoch, now.Holder) != (before.Epoch, before.Holder))
            events.Normal(world, WorldEvents.WriterChanged, WorldEvents.Observe,
                $"Pod {now.Holder} opened the world under epoch {now.Epoch}.");
        if (now.Contention is { } contention && contention != before.Contention)
            events.Warning(world, ReasonOf(world, Contention.Type), WorldEvents.Observe, contention);
        if (now.SnapshotsFail && !before.SnapshotsFail)
            events.Warning(world, WorldEvents.SnapshotStoreUnreachable, WorldEvents.Observe,
                Find(world, SnapshotStoreReachable.Type)!.Message);
        RecordJournal(world, before.Journal, now.Journal);
        if (now.Phase == before.Phase)
            return;

        if (now.Phase == nameof(WorldAgentPhase.Silent))
            events.Warning(world, WorldEvents.AgentSilent, WorldEvents.Observe,
                Message(world, AgentReporting.Type) ?? "The agent no longer reports.");
        else if (now.Phase is nameof(WorldAgentPhase.Failed) or nameof(WorldAgentPhase.Fenced))
            events.Warning(world, WorldEvents.AgentFailed, WorldEvents.Observe,
                Message(world, AgentReporting.Type) ?? "The agent has failed.");
        else if (Find(world, AgentReporting.Type) is { Reason: AgentReporting.ReasonStoppedWithLoss } lost)
            events.Warning(world, WorldEvents.CommitsLost, WorldEvents.Observe, lost.Message);
    }

    private static string? Message(WorldPersistence world, string type) => Find(world, type)?.Message;

    private static string ReasonOf(WorldPersistence world, string type) => Find(world, type)?.Reason ?? type;

    private void RecordJournal(WorldPersistence world, string? before, string? now)
    {
        if (now == before || Find(world, JournalReachable.Type) is not { } condition)
            return;
        if (now is JournalReachable.ReasonUnreachable or JournalReachable.ReasonNotShipped)
            events.Warning(world, now, WorldEvents.Observe, condition.Message);
        else if (before == JournalReachable.ReasonUnreachable)
            events.Normal(world, WorldEvents.JournalReachable, WorldEvents.Observe, condition.Message);
    }

    private static V1Condition? Find(WorldPersistence world, string type) =>
        world.Status.Conditions?.FirstOrDefault(condition => condition.Type == type);
}
