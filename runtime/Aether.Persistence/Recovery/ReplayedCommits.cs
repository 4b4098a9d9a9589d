using Aether.Persistence.Journal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>The result of a replay.</summary>
/// <param name="FromJournal">Number of commits from the journal.</param>
/// <param name="FromLog">Number of commits from the volume's log.</param>
/// <param name="End">The end of the last replayed block, or of the snapshot if there was none.</param>
/// <param name="Backlog">The commits that only the volume holds.</param>
internal sealed record ReplayedCommits(ulong FromJournal, ulong FromLog, LogEnd End, ShippingBacklog Backlog);
