using Aether.Persistence.Journal;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Determines how much of a volume's log is not part of the world: another writer continued from the end of the
/// journal, which did not hold the whole log. Blocks are compared byte for byte. Epochs alone are not enough: a
/// database that failed over to an asynchronous standby, or was restored from a backup, hands out epochs again that
/// were in use.
/// </summary>
internal static class Divergence
{
    /// <summary>The folder of the diverged logs.</summary>
    public const string Folder = "diverged";

    /// <summary>
    /// Whether <paramref name="log"/> continues from the journal's end: it holds the journal's last block, or begins
    /// after it.
    /// </summary>
    public static bool ContinuesFrom(JournalHead head, StoredLog log, LogEnd end)
    {
        if (head.Last > end.Last)
            return false;
        if (head.Last < log.First)
            return true;
        var block = log.ReadAfter(new Sequence(head.Last.Value - 1)).First();
        return new JournalHead(block.Last, block.Epoch, block.Digest) == head;
    }

    /// <summary>
    /// The last commit of <paramref name="log"/> that is certainly part of the world. For commits that the journal no
    /// longer holds, a snapshot from that time is proof. Where the journal holds blocks, only they count, because
    /// another writer's snapshot could be mistaken for such proof.
    /// </summary>
    public static async Task<Sequence> FindLastSharedAsync(
        StoredLog log,
        LogEnd end,
        IJournal journal,
        IEnumerable<SnapshotManifest> snapshots,
        CancellationToken cancellationToken)
    {
        // The usual case, which one block decides: everything had been shipped.
        var newest = log.ReadAfter(new Sequence(end.Last.Value - 1)).Last();
        await foreach (var block in journal.ReadAfterAsync(new Sequence(end.Last.Value - 1), cancellationToken))
        {
            if (block.Encoded.Span.SequenceEqual(newest.Encoded.Span))
                return end.Last;
            break;
        }

        var shared = new Sequence(log.First.Value - 1);
        var vouchedFor = snapshots
            .Where(manifest => manifest.Epoch <= end.Epoch
                && (manifest.Sequence < end.Last
                    || (manifest.Sequence == end.Last && manifest.Digest == newest.Digest)))
            .Select(manifest => manifest.Sequence)
            .Append(shared)
            .Max();
        await using var theirs = journal.ReadAfterAsync(shared, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        if (!await theirs.MoveNextAsync())
            return vouchedFor;
        if (theirs.Current.First is var first && first > shared.Next)
            shared = vouchedFor < first ? vouchedFor : new Sequence(first.Value - 1);
        using var ours = log.ReadAfter(shared).GetEnumerator();
        do
        {
            if (!ours.MoveNext() || !theirs.Current.Encoded.Span.SequenceEqual(ours.Current.Encoded.Span))
                break;
            shared = theirs.Current.Last;
        }
        while (await theirs.MoveNextAsync());
        return shared;
    }
}
