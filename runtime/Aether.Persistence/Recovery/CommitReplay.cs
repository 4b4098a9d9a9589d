using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Recovery;

/// <summary>
/// The third step of a recovery: replays the commits after the snapshot, first from the journal and then from the
/// volume's log.
/// </summary>
internal sealed partial class CommitReplay(
    IJournal? journal, LeaseKeeper lease, StoreRetry stores, RecoveryProgress progress, ILogger logger)
{
    private const string LogSource = "log on the volume";

    /// <summary>
    /// Replays on <paramref name="world"/> the journal, which ends with <paramref name="head"/>, and then
    /// <paramref name="log"/>.
    /// </summary>
    public async Task<ReplayedCommits> ReplayAsync(
        WorldState world, JournalHead? head, StoredLog? log, CancellationToken cancellationToken)
    {
        var replayer = new Replayer(world);
        var fromJournal = await ReplayJournalAsync(world, replayer, cancellationToken);
        var replicated = head?.Last ?? world.Sequence;
        await ProjectAsync(world, head, cancellationToken);

        var skipped = log?.End is null ? default : MeasureUnshipped(log, world.Sequence, head);
        var replayed = log?.End is { } end && end.Last > world.Sequence
            ? await ReplayLogAsync(log, world, replayer, cancellationToken)
            : default;
        return new ReplayedCommits(
            fromJournal,
            replayed.Commits,
            replayer.End ?? new LogEnd(world.Sequence, Epoch.None, Checksum: null),
            new ShippingBacklog(
                replicated,
                world.Sequence,
                skipped.Bytes + replayed.Bytes,
                skipped.Bytes > 0 ? skipped.Oldest : replayed.Oldest));
    }

    private async Task<ulong> ReplayJournalAsync(
        WorldState world, Replayer replayer, CancellationToken cancellationToken)
    {
        if (journal is null)
            return 0;
        var replayed = 0UL;
        await stores.AskAsync(
            () =>
            {
                // After an outage, continue where the replay stopped: the world knows its position.
                var after = world.Sequence;
                return ReadAhead.ReplayAsync(
                    token => journal.ReadAfterAsync(after, token),
                    "journal",
                    batch =>
                    {
                        replayed += replayer.Replay(batch, "journal");
                        progress.Reach(world.Sequence);
                    },
                    cancellationToken);
            },
            cancellationToken);
        return replayed;
    }

    // This is the only moment at which the state is that of the journal's end and no thread appends: the commits that
    // only the volume holds are not replayed yet, former writers are fenced, and this writer's shipper has not started.
    private async Task ProjectAsync(WorldState world, JournalHead? head, CancellationToken cancellationToken)
    {
        if (journal is null || head is null)
            return;
        if (world.Sequence != head.Last || world.Store.Digest != head.Digest)
        {
            LogNotProjected(head.Last, world.Sequence);
            return;
        }

        await stores.AskAsync(
            () => journal.ProjectAsync(lease.Epoch, head.Last, world.Store.Enumerate(), cancellationToken),
            cancellationToken);
    }

    // A journal restored from a backup may end before the snapshot. The blocks in between will be shipped again.
    private static (long Bytes, DateTimeOffset Oldest) MeasureUnshipped(
        StoredLog log, Sequence recovered, JournalHead? head)
    {
        var (bytes, oldest) = (0L, default(DateTimeOffset));
        if (head is null || head.Last >= recovered)
            return (bytes, oldest);
        foreach (var block in log.ReadAfter(head.Last).TakeWhile(block => block.Last <= recovered))
        {
            oldest = bytes == 0 ? block.WrittenAt : oldest;
            bytes += block.Encoded.Length;
        }

        return (bytes, oldest);
    }

    private async Task<(ulong Commits, long Bytes, DateTimeOffset Oldest)> ReplayLogAsync(
        StoredLog log, WorldState world, Replayer replayer, CancellationToken cancellationToken)
    {
        var (commits, bytes, oldest) = (0UL, 0L, default(DateTimeOffset));
        using var cursor = log.OpenCursor(world.Sequence);
        await ReadAhead.ReplayAsync(
            cursor,
            LogSource,
            batch =>
            {
                oldest = bytes == 0 ? batch.Blocks[0].Header.WrittenAt : oldest;
                commits += replayer.Replay(batch, LogSource);
                bytes += batch.Bytes.Length;
                progress.Reach(world.Sequence);
            },
            cancellationToken);
        return (commits, bytes, oldest);
    }

    [LoggerMessage(2107, LogLevel.Warning,
        "The journal ends with commit {Last}, but the world is recovered to commit {Sequence}: what the journal keeps "
        + "beside its blocks (the critical-state table) is not updated until the world is opened again")]
    private partial void LogNotProjected(Sequence last, Sequence sequence);
}
