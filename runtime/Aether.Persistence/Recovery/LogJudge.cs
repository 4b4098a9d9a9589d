using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// The first step of a recovery: compares the log on the volume with the journal and with the openings of the world.
/// Changes nothing.
/// </summary>
internal sealed class LogJudge(RecoverySources sources, Guid volumeId, LeaseKeeper lease, StoreRetry stores)
{
    /// <summary>Judges <paramref name="log"/> against a journal that ends with <paramref name="head"/>.</summary>
    public async Task<LogJudgement> JudgeAsync(
        StoredLog? log,
        IReadOnlyList<SnapshotManifest> manifests,
        JournalHead? head,
        CancellationToken cancellationToken)
    {
        if (log?.End is not { } end)
            return new LogJudgement.Empty();
        if (sources.Journal is not { } journal || head is null)
            return new LogJudgement.Continues();

        var openings = await stores.AskAsync(
            () => lease.ReadOpeningsAfterAsync(end.Epoch, cancellationToken), cancellationToken);
        var other = openings.FirstOrDefault(opening => opening.VolumeId != volumeId);
        if (other is null && Divergence.ContinuesFrom(head, log, end))
            return new LogJudgement.Continues();

        var shared = await stores.AskAsync(
            () => Divergence.FindLastSharedAsync(log, end, journal, manifests, cancellationToken), cancellationToken);
        if (shared == end.Last)
            return new LogJudgement.Behind();
        var tail = new DivergedTail
        {
            VolumeId = volumeId,
            Epoch = end.Epoch,
            First = shared.Next,
            Last = end.Last,
            Folder = $"{Divergence.Folder}/{end.Epoch}-{shared.Next}",
            OvertakenBy = other?.Holder ?? "unknown",
        };
        return new LogJudgement.Diverged(tail, other?.Epoch ?? head.Epoch);
    }
}
