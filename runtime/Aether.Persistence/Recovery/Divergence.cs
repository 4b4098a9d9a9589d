using Aether.Persistence.Journal;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// How much of a volume's log is no part of the world: another volume opened the world after it, and went on from
/// what it found in the journal.
/// </summary>
internal static class Divergence
{
    /// <summary>
    /// The last commit of <paramref name="log"/> that is surely part of the world. What the journal no longer holds
    /// counts as far as a snapshot of that time vouches for it.
    /// </summary>
    public static async Task<Sequence> FindLastSharedAsync(
        WriteAheadLog log,
        LogEnd end,
        IJournal journal,
        IEnumerable<SnapshotManifest> snapshots,
        CancellationToken cancellationToken)
    {
        // The usual case, answered by one block: everything had been shipped.
        var newest = log.ReadAfter(new Sequence(end.Last.Value - 1)).Last();
        await foreach (var block in journal.ReadAfterAsync(new Sequence(end.Last.Value - 1), cancellationToken))
        {
            if (block.Encoded.Span.SequenceEqual(newest.Encoded.Span))
                return end.Last;
            break;
        }

        var shared = snapshots
            .Where(manifest => manifest.Epoch <= end.Epoch && manifest.Sequence <= end.Last)
            .Select(manifest => manifest.Sequence)
            .Append(new Sequence(log.First.Value - 1))
            .Max();
        await foreach (var block in journal.ReadAfterAsync(shared, cancellationToken))
        {
            if (block.Epoch > end.Epoch)
                break;
            shared = block.Last;
        }
        return shared;
    }
}
