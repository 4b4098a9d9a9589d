namespace Aether.Operator.LiveStatus;

/// <summary>What a status says of a world's writer.</summary>
/// <param name="Phase">What its agent does.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Holder">Its pod.</param>
/// <param name="Contention">What the condition says of another pod that is at the world; null: there is none.</param>
/// <param name="SnapshotsFail">Whether its snapshots are not stored.</param>
/// <param name="Journal">Reason of the condition about its journal.</param>
internal sealed record WriterFacts(
    string? Phase, long? Epoch, string? Holder, string? Contention, bool SnapshotsFail, string? Journal);
