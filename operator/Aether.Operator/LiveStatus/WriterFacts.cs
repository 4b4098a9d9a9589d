namespace Aether.Operator.LiveStatus;

/// <summary>The facts about a world's writer in its status.</summary>
/// <param name="Phase">The agent's phase.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Holder">The writer's pod.</param>
/// <param name="Contention">Message of the condition about a second pod; null if there is none.</param>
/// <param name="SnapshotsFail">Whether snapshots cannot be stored.</param>
/// <param name="Journal">Reason of the condition about the journal.</param>
internal sealed record WriterFacts(
    string? Phase, long? Epoch, string? Holder, string? Contention, bool SnapshotsFail, string? Journal);
