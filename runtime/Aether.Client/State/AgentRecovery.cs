namespace Aether.Client;

/// <summary>How an agent recovered the state.</summary>
/// <param name="SnapshotSequence">
/// The last commit of the snapshot that the recovery started with; 0 if there was none.
/// </param>
/// <param name="FromJournal">Commits replayed from the journal.</param>
/// <param name="FromVolume">Commits replayed from the WAL volume.</param>
/// <param name="Diverged">
/// Commits of a former epoch that had not been shipped when another writer took over; the agent keeps them in
/// diverged/.
/// </param>
/// <param name="Duration">Duration of the recovery.</param>
public sealed record AgentRecovery(
    ulong SnapshotSequence, ulong FromJournal, ulong FromVolume, ulong Diverged, TimeSpan Duration);
