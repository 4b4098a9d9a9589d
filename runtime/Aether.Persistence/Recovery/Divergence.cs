using Aether.Persistence.Journal;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// How much of a volume's log is no part of the world: somebody went on from what the journal held, and that was not
/// all of the log. Blocks are compared byte for byte. Epochs alone do not tell: those of a database that failed over to
/// an asynchronous standby, or was restored from a backup, begin again below ones that were in use.
/// </summary>
internal static class Divergence
{
    /// <summary>The folder of the tails that were set aside.</summary>
    public const string Folder = "diverged";

    /// <summary>
    /// Whether <paramref name="log"/> goes on from the journal's end: it holds the very block that ends there, or
    /// begins after it.
    /// </summary>
    public static bool GoesOnFrom(JournalHead head, StoredLog log, LogEnd end)
    {
        if (head.Last > end.Last)
            return false;
        if (head.Last < log.First)
            return true;
        var block = log.ReadAfter(new Sequence(head.Last.Value - 1)).First();
        return new JournalHead(block.Last, block.Epoch, block.Digest) == head;
    }

    /// <summary>
    /// The last commit of <paramref name="log"/> that is surely part of the world. What the journal no longer holds
    /// counts as far as a snapshot of that time vouches for it; a snapshot of others might be taken for one, so that
    /// where the journal holds blocks they alone decide.
    /// </summary>
    public static async Task<Sequence> FindLastSharedAsync(
        StoredLog log,
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
