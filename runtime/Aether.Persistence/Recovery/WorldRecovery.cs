using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Recovers a world for the holder of its lease, in three steps: judges the volume's own log against the journal, loads
/// the newest usable snapshot, and replays the journal and then the rest of the log. The digests in the blocks prove
/// the result.
/// </summary>
internal sealed partial class WorldRecovery(
    PersistenceOptions options,
    RecoverySources sources,
    StoredLog? log,
    Guid volumeId,
    LeaseKeeper lease,
    TimeProvider clock,
    Action<string> onWaiting,
    RecoveryProgress progress,
    ILogger<WorldRecovery> logger)
{
    public async Task<RecoveredWorld> RecoverAsync(CancellationToken cancellationToken)
    {
        using var span = EngineTracing.StartRecovery();
        try
        {
            var recovered = await RecoverInStepsAsync(cancellationToken);
            span?.SetTag("aether.commit.sequence", (long)recovered.World.Sequence.Value)
                .SetTag("aether.recovery.snapshot_sequence", (long)recovered.Report.SnapshotSequence.Value)
                .SetTag("aether.recovery.from_journal", (long)recovered.Report.ReplayedFromJournal)
                .SetTag("aether.recovery.from_volume", (long)recovered.Report.ReplayedFromVolume)
                .SetTag("aether.recovery.diverged", (long)recovered.Report.Diverged);
            return recovered;
        }
        catch (Exception exception)
        {
            EngineTracing.Fail(span, exception);
            throw;
        }
    }

    private async Task<RecoveredWorld> RecoverInStepsAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var stores = new StoreRetry(clock, onWaiting, logger);
        var manifests = SnapshotOrder.NewestFirst(
            await stores.AskAsync(() => OpenSnapshotsAsync(cancellationToken), cancellationToken));
        var head = sources.Journal is { } journal
            ? await stores.AskAsync(() => OpenJournalAsync(journal, cancellationToken), cancellationToken)
            : null;

        if (log?.TornBytes > 0)
            LogTorn(log.TornBytes);
        var judgement = await new LogJudge(sources, volumeId, lease, stores)
            .JudgeAsync(log, manifests, head, cancellationToken);
        await SettleAsync(judgement, head, stores, cancellationToken);

        var loaded = await new SnapshotLoader(options, sources.Snapshots, stores, progress, logger)
            .LoadAsync(
                manifests, Later(head?.Last ?? Sequence.None, log?.End?.Last ?? Sequence.None), cancellationToken);

        var replayed = await new CommitReplay(sources.Journal, lease, stores, progress, logger)
            .ReplayAsync(loaded.World, head, log, cancellationToken);

        Completeness.Check(loaded, head, log, sources.HasVolume);
        ClearObsoleteLog(loaded.World.Sequence);
        progress.Complete();
        return Describe(judgement, loaded, replayed, clock.GetElapsedTime(started));
    }

    // Announce the epoch before reading the list: otherwise a former writer could still store a newer snapshot
    // unnoticed.
    private async Task<IReadOnlyList<SnapshotManifest>> OpenSnapshotsAsync(CancellationToken cancellationToken)
    {
        await sources.Snapshots.OpenAsync(lease.Epoch, cancellationToken);
        return await sources.Snapshots.ListAsync(cancellationToken);
    }

    // Announce the epoch before reading the end: otherwise a former writer could still append blocks unnoticed.
    private async Task<JournalHead> OpenJournalAsync(IJournal journal, CancellationToken cancellationToken)
    {
        await journal.OpenAsync(lease.Epoch, cancellationToken);
        return await journal.ReadHeadAsync(cancellationToken);
    }

    // Acts on the judgement. Afterwards the log is empty, or the world continues with it.
    private async Task SettleAsync(
        LogJudgement judgement, JournalHead? head, StoreRetry stores, CancellationToken cancellationToken)
    {
        if (log is null)
            return;
        switch (judgement)
        {
            case LogJudgement.Empty:
                log.Clear();
                break;
            case LogJudgement.Behind:
                LogObsolete(log.End!.Value.Last, head!.Last);
                log.Clear();
                break;
            case LogJudgement.Diverged diverged:
                await SetAsideAsync(log, diverged, stores, cancellationToken);
                break;
        }
    }

    // Record the tail first: if a crash came between the two steps, the next agent would not find a log that was
    // already moved.
    private async Task SetAsideAsync(
        StoredLog diverged, LogJudgement.Diverged judgement, StoreRetry stores, CancellationToken cancellationToken)
    {
        var tail = judgement.Tail;
        LogDiverged(
            tail.Commits, tail.First, tail.Last, tail.OvertakenBy, judgement.OvertakenUnder, tail.Folder);
        if (sources.Divergences is { } record)
            await stores.AskAsync(() => record.RecordAsync(tail, cancellationToken), cancellationToken);
        diverged.SetAside(tail.Folder);
    }

    private void ClearObsoleteLog(Sequence recovered)
    {
        if (log?.End is not { } end || end.Last >= recovered)
            return;
        LogObsolete(end.Last, recovered);
        log.Clear();
    }

    private RecoveredWorld Describe(
        LogJudgement judgement, LoadedWorld loaded, ReplayedCommits replayed, TimeSpan duration)
    {
        var world = loaded.World;
        var report = new RecoveryReport
        {
            SnapshotSequence = loaded.Snapshot?.Sequence ?? Sequence.None,
            SkippedSnapshots = [.. loaded.Skipped.Select(skipped => skipped.ToString())],
            ReplayedFromJournal = replayed.FromJournal,
            ReplayedFromVolume = replayed.FromLog,
            Diverged = judgement is LogJudgement.Diverged diverged ? diverged.Tail.Commits : 0,
            TornBytes = log?.TornBytes ?? 0,
            Duration = duration,
        };
        LogRecovered(
            world.Sequence,
            report.SnapshotSequence,
            replayed.FromJournal,
            replayed.FromLog,
            world.Store.Digest,
            duration);
        return new RecoveredWorld
        {
            World = world,
            End = replayed.End,
            Backlog = replayed.Backlog,
            Snapshot = loaded.Snapshot,
            SnapshotBytes = loaded.SnapshotBytes,
            DamagedSnapshots = [.. loaded.Skipped.Select(skipped => skipped.Manifest)],
            Report = report,
        };
    }

    private static Sequence Later(Sequence one, Sequence other) => one > other ? one : other;

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

    [LoggerMessage(2103, LogLevel.Error,
        "{Count} commits on this volume ({First} to {Last}) are not part of the world: '{Holder}' opened it under "
        + "epoch {Epoch} without them. They are kept in '{Folder}' on the volume and were not merged")]
    private partial void LogDiverged(
        ulong count, Sequence first, Sequence last, string holder, Epoch epoch, string folder);

    [LoggerMessage(2104, LogLevel.Information,
        "Removed {Bytes} bytes of an incomplete block from the end of the log; it was never acknowledged")]
    private partial void LogTorn(long bytes);

    [LoggerMessage(2105, LogLevel.Warning,
        "The log on the volume ends with commit {Last} and the world with commit {Sequence}. The world contains the "
        + "whole log, so a new log is started")]
    private partial void LogObsolete(Sequence last, Sequence sequence);
}
