using Aether.Persistence.Journal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>What was replayed on a loaded state.</summary>
/// <param name="FromJournal">Commits from the journal.</param>
/// <param name="FromLog">Commits from the volume's own log.</param>
/// <param name="End">Where the replayed blocks end; without any, where the snapshot does.</param>
/// <param name="Backlog">The commits that only the volume holds.</param>
internal sealed record ReplayedCommits(ulong FromJournal, ulong FromLog, LogEnd End, ShippingBacklog Backlog);
