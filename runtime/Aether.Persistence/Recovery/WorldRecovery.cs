using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Brings a world back for the holder of its lease: newest usable snapshot, then the journal after it, then what the
/// volume's own log holds beyond the journal. It proves itself by the digests in the blocks.
/// </summary>
internal sealed partial class WorldRecovery(
    PersistenceOptions options,
    RecoverySources sources,
    WriteAheadLog? log,
    Guid volumeId,
    LeaseKeeper lease,
    TimeProvider clock,
    Action<string> onWaiting,
    RecoveryProgress progress,
    ILogger<WorldRecovery> logger)
{
    public const string DivergedFolder = "diverged";

    private readonly List<(SnapshotManifest Manifest, string Reason)> _skipped = [];
    private ulong _diverged;
    private long _snapshotBytes;

    public async Task<RecoveredWorld> RecoverAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var manifests = SnapshotOrder.NewestFirst(
            await AskAsync(() => OpenSnapshotsAsync(cancellationToken), cancellationToken));
        var head = sources.Journal is null
            ? null
            : await AskAsync(() => OpenJournalAsync(sources.Journal, cancellationToken), cancellationToken);
        await SettleLogAsync(manifests, head, cancellationToken);

        var target = Later(head?.Last ?? Sequence.None, log?.End?.Last ?? Sequence.None);
        var (world, snapshot) = await LoadSnapshotAsync(manifests, target, cancellationToken);
        var replayer = new Replayer(world);
        var fromJournal = await ReplayJournalAsync(world, replayer, cancellationToken);
        var replicated = world.Sequence;
        await ProjectAsync(world, head, cancellationToken);
        var (fromVolume, unshippedBytes, oldest) = await ReplayLogAsync(world, replayer, head, cancellationToken);
        CheckComplete(world, head);
        if (log?.End is { } end && end.Last < world.Sequence)
        {
            LogObsolete(end.Last, world.Sequence);
            log.Clear();
        }

        var report = new RecoveryReport
        {
            SnapshotSequence = snapshot?.Sequence ?? Sequence.None,
            SkippedSnapshots =
            [
                .. _skipped.Select(skipped =>
                    $"commit {skipped.Manifest.Sequence} under epoch {skipped.Manifest.Epoch}: {skipped.Reason}"),
            ],
            ReplayedFromJournal = fromJournal,
            ReplayedFromVolume = fromVolume,
            Diverged = _diverged,
            TornBytes = log?.TornBytes ?? 0,
            Duration = clock.GetElapsedTime(started),
        };
        progress.Complete();
        LogRecovered(
            world.Sequence, report.SnapshotSequence, fromJournal, fromVolume, world.Store.Digest, report.Duration);
        return new RecoveredWorld
        {
            World = world,
            End = replayer.End ?? new LogEnd(world.Sequence, Epoch.None, Checksum: null),
            Backlog = new ShippingBacklog(head?.Last ?? replicated, world.Sequence, unshippedBytes, oldest),
            Snapshot = snapshot,
            SnapshotBytes = _snapshotBytes,
            DamagedSnapshots = [.. _skipped.Select(skipped => skipped.Manifest)],
            Report = report,
        };
    }

    private async Task SettleLogAsync(
        List<SnapshotManifest> manifests, JournalHead? head, CancellationToken cancellationToken)
    {
        if (log is null)
            return;
        if (log.TornBytes > 0)
            LogTorn(log.TornBytes);
        if (log.End is not { } end)
        {
            log.Clear();
            return;
        }
        if (sources.Journal is not { } journal || head is null)
            return;

        var openings = await AskAsync(
            () => lease.ReadOpeningsAfterAsync(end.Epoch, cancellationToken), cancellationToken);
        var other = openings.FirstOrDefault(opening => opening.VolumeId != volumeId);
        if (other is null && Divergence.GoesOnFrom(head, log, end))
            return;

        var shared = await AskAsync(
            () => Divergence.FindLastSharedAsync(log, end, journal, manifests, cancellationToken), cancellationToken);
        _diverged = end.Last.Value - shared.Value;
        if (_diverged == 0)
        {
            LogObsolete(end.Last, head.Last);
            log.Clear();
            return;
        }
        await KeepAsideAsync(
            log,
            new DivergedTail
            {
                VolumeId = volumeId,
                Epoch = end.Epoch,
                First = shared.Next,
                Last = end.Last,
                Folder = $"{DivergedFolder}/{end.Epoch}-{shared.Next}",
                OvertakenBy = other?.Holder ?? "unknown",
            },
            other?.Epoch ?? head.Epoch,
            cancellationToken);
    }

    // Recorded first: a tail that was set aside is not found again after a crash in between.
    private async Task KeepAsideAsync(
        WriteAheadLog log, DivergedTail tail, Epoch overtakenUnder, CancellationToken cancellationToken)
    {
        LogDiverged(tail.Commits, tail.First, tail.Last, tail.OvertakenBy, overtakenUnder, tail.Folder);
        if (sources.Divergences is { } record)
            await AskAsync(() => RecordAsync(record), cancellationToken);
        log.SetAside(tail.Folder);

        async Task<DivergedTail> RecordAsync(IDivergenceLog record)
        {
            await record.RecordAsync(tail, cancellationToken);
            return tail;
        }
    }

    private async Task<(WorldState World, SnapshotManifest? Snapshot)> LoadSnapshotAsync(
        List<SnapshotManifest> manifests, Sequence target, CancellationToken cancellationToken)
    {
        foreach (var manifest in manifests)
        {
            try
            {
                var world = await AskAsync(
                    () =>
                    {
                        progress.Begin(manifest.Keys, manifest.Sequence, target);
                        return ReadAsync(new SnapshotReader(manifest, options, progress.Read));
                    },
                    cancellationToken);
                return (world, manifest);
            }
            catch (SnapshotDamagedException exception)
            {
                LogSkipped(manifest.Sequence, manifest.Epoch, exception.Message);
                _skipped.Add((manifest, exception.Message));
            }
        }
        progress.Begin(keys: 0, Sequence.None, target);
        return (new WorldState(options), null);

        async Task<WorldState> ReadAsync(SnapshotReader reader)
        {
            var read = await reader.ReadAsync(sources.Snapshots, cancellationToken);
            _snapshotBytes = reader.Bytes;
            return read;
        }
    }

    private async Task<ulong> ReplayJournalAsync(
        WorldState world, Replayer replayer, CancellationToken cancellationToken)
    {
        if (sources.Journal is not { } journal)
            return 0;
        var replayed = 0UL;
        return await AskAsync(
            async () =>
            {
                // After an interruption it goes on where it stopped: the world knows its position.
                var after = world.Sequence;
                await ReadAhead.ReplayAsync(
                    token => journal.ReadAfterAsync(after, token),
                    "journal",
                    batch =>
                    {
                        replayed += replayer.Replay(batch, "journal");
                        progress.Reach(world.Sequence);
                    },
                    cancellationToken);
                return replayed;
            },
            cancellationToken);
    }

    // Here, and at no other time, the state is that at the journal's end, and nobody appends: the volume's own tail
    // was not replayed yet, former writers are fenced, and this one's shipper has not begun.
    private async Task ProjectAsync(WorldState world, JournalHead? head, CancellationToken cancellationToken)
    {
        if (sources.Journal is not { } journal || head is null)
            return;
        if (world.Sequence != head.Last || world.Store.Digest != head.Digest)
        {
            LogNotProjected(head.Last, world.Sequence);
            return;
        }

        await AskAsync(
            async () =>
            {
                await journal.ProjectAsync(lease.Epoch, head.Last, world.Store.Enumerate(), cancellationToken);
                return head;
            },
            cancellationToken);
    }

    private async Task<(ulong Commits, long Bytes, DateTimeOffset Oldest)> ReplayLogAsync(
        WorldState world, Replayer replayer, JournalHead? head, CancellationToken cancellationToken)
    {
        const string Source = "log on the volume";
        var (commits, bytes, oldest) = (0UL, 0L, default(DateTimeOffset));
        if (log?.End is not { } end)
            return (commits, bytes, oldest);

        // A journal that was restored from a backup may end before the snapshot: what lies between is shipped again.
        if (head is not null && head.Last < world.Sequence)
        {
            foreach (var block in log.ReadAfter(head.Last).TakeWhile(block => block.Last <= world.Sequence))
            {
                oldest = bytes == 0 ? block.WrittenAt : oldest;
                bytes += block.Encoded.Length;
            }
        }

        if (end.Last <= world.Sequence)
            return (commits, bytes, oldest);
        using var cursor = log.OpenCursor(world.Sequence);
        await ReadAhead.ReplayAsync(
            cursor,
            Source,
            batch =>
            {
                oldest = bytes == 0 ? batch.Blocks[0].Header.WrittenAt : oldest;
                commits += replayer.Replay(batch, Source);
                bytes += batch.Bytes.Length;
                progress.Reach(world.Sequence);
            },
            cancellationToken);
        return (commits, bytes, oldest);
    }

    private void CheckComplete(WorldState world, JournalHead? head)
    {
        var newestSkipped = _skipped.Select(skipped => skipped.Manifest.Sequence).DefaultIfEmpty().Max();
        if (sources.HasVolume && world.Sequence < newestSkipped)
            Refuse($"the snapshot of commit {newestSkipped} is damaged ({_skipped[0].Reason.TrimEnd('.')}), and what "
                + $"there is beside it ends with commit {world.Sequence}");
        if (_skipped.Count > 0 && world.Sequence == Sequence.None)
            Refuse("none of its snapshots can be used, and there is no log from the first commit on; the newest "
                + $"snapshot: {_skipped[0].Reason.TrimEnd('.')}");
        if (head is null)
            return;

        if (world.Sequence < head.Last)
            Refuse($"the journal ends with commit {head.Last}, but its blocks only lead to commit {world.Sequence}");
        if (world.Sequence == head.Last && world.Store.Digest != head.Digest)
            Refuse($"the journal records digest {head.Digest} for commit {head.Last}, "
                + $"the state has {world.Store.Digest}");

        // What lies beyond the journal will be shipped from the log, so the log must hold all of it.
        var shippable = log?.End is { } end && end.Last == world.Sequence && log.First <= head.Last.Next;
        if (world.Sequence > head.Last && !shippable)
            Refuse($"the journal ends with commit {head.Last}, a snapshot reaches commit {world.Sequence}, and the "
                + "volume does not hold what lies between");
    }

    private static Sequence Later(Sequence one, Sequence other) => one > other ? one : other;

    private static void Refuse(string reason) => throw new RecoveryException(
        $"The world cannot be brought back whole: {reason}. Restore the store in question from a backup, or put back "
        + "the world's own volume.");

    // Announced before they are read: no snapshot of a former writer can then become the newest unseen.
    private async Task<IReadOnlyList<SnapshotManifest>> OpenSnapshotsAsync(CancellationToken cancellationToken)
    {
        await sources.Snapshots.OpenAsync(lease.Epoch, cancellationToken);
        return await sources.Snapshots.ListAsync(cancellationToken);
    }

    // Announced before its end is read, for the same reason.
    private async Task<JournalHead> OpenJournalAsync(IJournal journal, CancellationToken cancellationToken)
    {
        await journal.OpenAsync(lease.Epoch, cancellationToken);
        return await journal.ReadHeadAsync(cancellationToken);
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> question, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            try
            {
                return await question();
            }
            catch (StoreUnavailableException exception)
            {
                LogWaiting(exception.Message);
                onWaiting(exception.Message);
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    [LoggerMessage(2101, LogLevel.Information,
        "Recovered to commit {Sequence}: snapshot of {Snapshot}, {FromJournal} commits from the journal and "
        + "{FromVolume} from the volume; digest {Digest}, in {Duration}")]
    private partial void LogRecovered(
        Sequence sequence,
        Sequence snapshot,
        ulong fromJournal,
        ulong fromVolume,
        StateDigest digest,
        TimeSpan duration);

    [LoggerMessage(2102, LogLevel.Warning,
        "Snapshot of commit {Sequence} under epoch {Epoch} cannot be used: {Reason}")]
    private partial void LogSkipped(Sequence sequence, Epoch epoch, string reason);

    [LoggerMessage(2103, LogLevel.Error,
        "{Count} commits on this volume ({First} to {Last}) are not part of the world: '{Holder}' opened it under "
        + "epoch {Epoch} without them. They are kept in '{Folder}' on the volume and were not merged")]
    private partial void LogDiverged(
        ulong count, Sequence first, Sequence last, string holder, Epoch epoch, string folder);

    [LoggerMessage(2104, LogLevel.Information,
        "Cut {Bytes} bytes of an unfinished block off the log; it was never acknowledged")]
    private partial void LogTorn(long bytes);

    [LoggerMessage(2105, LogLevel.Warning,
        "The log on the volume ends with commit {Last}, the world with {Sequence}, and all of that log is in the "
        + "world: it is begun anew")]
    private partial void LogObsolete(Sequence last, Sequence sequence);

    [LoggerMessage(2106, LogLevel.Warning, "Recovery waits: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(2107, LogLevel.Warning,
        "The journal ends with commit {Last}, snapshot and journal lead to {Sequence}: what is projected from the "
        + "journal stands still until the world is opened again")]
    private partial void LogNotProjected(Sequence last, Sequence sequence);
}
