using System.Runtime.ExceptionServices;
using Aether.Persistence.Commits;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Snapshots;

/// <summary>
/// Takes snapshots, and drops the data that they make unnecessary. A snapshot is stored only once every commit in it is
/// in the journal (or, without a journal, in the log), so no snapshot is ever ahead of the log that a later writer
/// continues.
/// </summary>
internal sealed partial class SnapshotRecorder(
    PersistenceOptions options,
    ISnapshotStore snapshots,
    IJournal? journal,
    WorldReader reader,
    WriteAheadLog? log,
    LeaseKeeper lease,
    SnapshotManifest? last,
    IReadOnlyList<SnapshotManifest> damaged,
    TimeProvider clock,
    EngineMetrics metrics,
    ILogger<SnapshotRecorder> logger) : IDisposable
{
    // Each attempt sends fewer chunks at once. This many attempts halve 16 down to 1.
    private const int MostAttempts = 6;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly SemaphoreSlim _forced = new(0);
    private SnapshotManifest? _last = last;
    private long _lastBytes;

    // The newest snapshot is stored, and data that it makes unnecessary may not be pruned yet. Assumed at the start,
    // because the former agent may have ended between a snapshot and its retention.
    private volatile bool _retentionPending = last is not null && log?.IsLarge == true;
    private long _wholeAt = (last is { } found && reader.Measure().Sequence > found.Sequence
        ? found.CapturedAt
        : clock.GetUtcNow()).UtcTicks;  // when Last was last known to hold everything

    public BackendHealth Health { get; } = new("snapshots");

    /// <summary>Called when <see cref="Last"/> has changed.</summary>
    public Action Stored { private get; init; } = () => { };

    /// <summary>The newest snapshot stored.</summary>
    public SnapshotManifest? Last => Volatile.Read(ref _last);

    /// <summary>Bytes of <see cref="Last"/>.</summary>
    public long LastBytes
    {
        get => Volatile.Read(ref _lastBytes);
        init => _lastBytes = value;
    }

    /// <summary>
    /// An upper bound of the time since which commits exist that <see cref="Last"/> does not hold; without a snapshot,
    /// counted from the end of the recovery.
    /// </summary>
    public TimeSpan Lag =>
        IsDue ? clock.GetUtcNow() - new DateTimeOffset(Volatile.Read(ref _wholeAt), TimeSpan.Zero) : TimeSpan.Zero;

    /// <summary>Whether there are commits that <see cref="Last"/> does not hold.</summary>
    public bool IsDue => reader.Measure().Sequence > (Last?.Sequence ?? Sequence.None);

    /// <summary>Makes <see cref="RunAsync"/> take a snapshot before the interval is over.</summary>
    public void Force()
    {
        if (_forced.CurrentCount == 0)
            _forced.Release();
    }

    /// <summary>
    /// Takes a snapshot at every interval in which something changed, until cancelled; while the log is large, without
    /// waiting for the interval.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            if (log?.IsLarge == true && (IsDue || _retentionPending))
                await backoff.WaitAsync(cancellationToken);
            else
                await WaitForTimeOrForceAsync(cancellationToken);
            if (log?.IsLarge != true)
                backoff.Reset();
            var now = clock.GetUtcNow();
            var isDue = IsDue;
            if (!isDue)
                Volatile.Write(ref _wholeAt, now.UtcTicks);

            try
            {
                // Prune first: a full volume may have no room for a snapshot. Then take a snapshot even if none is due:
                // a full log accepts no commit that would make the next one due, and may need the snapshot to drop
                // segments.
                var isPending = _retentionPending;
                if (isPending)
                    await RetainPendingAsync(cancellationToken);
                if (isDue || isPending)
                    await TakeAsync(cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                LogNotTaken(exception.Message);
            }
        }
    }

    public async Task<SnapshotManifest> TakeAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var started = clock.GetTimestamp();
            var manifest = await StoreAsync(cancellationToken);
            _retentionPending = true;
            await RetainAsync(cancellationToken);
            _retentionPending = false;
            metrics.CountSnapshot(clock.GetElapsedTime(started));
            return manifest;
        }
        catch (StoreUnavailableException exception)
        {
            Health.Failed(exception);
            metrics.CountFailedSnapshot();
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task RetainPendingAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await RetainAsync(cancellationToken);
            _retentionPending = false;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _one.Dispose();
        _forced.Dispose();
    }

    private async Task WaitForTimeOrForceAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(
            Task.Delay(options.SnapshotInterval, clock, either.Token), _forced.WaitAsync(either.Token));
        await either.CancelAsync();
        await first;
    }

    private async Task<SnapshotManifest> StoreAsync(CancellationToken cancellationToken)
    {
        var world = Capture();
        var manifest = SnapshotWriter.Describe(world, lease.Time.Latest);
        await reader.WaitUntilStoredAsync(manifest.Sequence, cancellationToken);

        var written = 0L;
        await WriteAsync();
        Volatile.Write(ref _lastBytes, written);
        Volatile.Write(ref _wholeAt, manifest.CapturedAt.UtcTicks);
        Volatile.Write(ref _last, manifest);
        Health.Recovered();
        Stored();
        LogTaken(manifest.Sequence, manifest.Keys);
        return manifest;

        // Writes the same state again, so that the store can continue where it stopped. Gives up once an attempt makes
        // no progress.
        Task WriteAsync()
        {
            var (farthest, attempts) = (0L, 0);
            return Backoff.RetryAsync(
                () => snapshots.WriteAsync(manifest, Counted(), cancellationToken),
                outage =>
                {
                    attempts = written > farthest ? 1 : attempts + 1;
                    farthest = Math.Max(farthest, written);
                    if (!snapshots.Resumes || attempts == MostAttempts)
                        ExceptionDispatchInfo.Throw(outage);
                    Health.Failed(outage);
                    LogInterrupted(manifest.Sequence, farthest, outage.Message);
                },
                clock,
                cancellationToken);
        }

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Counted()
        {
            written = 0;
            await foreach (var chunk in SnapshotWriter.Write(world, options.WorldId))
            {
                written += chunk.Length;
                yield return chunk;
            }
        }
    }

    // Without memory for a capture, the snapshot is taken later. No commit is lost.
    private CapturedWorld Capture()
    {
        using var survivable = SurvivableAllocations.Enter();
        try
        {
            return reader.Capture();
        }
        catch (OutOfMemoryException exception)
        {
            throw new StoreUnavailableException(
                "memory",
                "not enough for a copy of the state's table of keys. Raise spec.agent.resources.limits.memory.",
                exception);
        }
    }

    private async Task RetainAsync(CancellationToken cancellationToken)
    {
        var stored = SnapshotOrder.NewestFirst(await snapshots.ListAsync(cancellationToken));
        var plan = Retention.Plan(stored, damaged, options, lease.Time.Earliest);
        foreach (var surplus in plan.Surplus)
            await snapshots.DeleteAsync(lease.Epoch, surplus, cancellationToken);

        if (journal is not null)
            await journal.TruncateThroughAsync(lease.Epoch, plan.Floor, cancellationToken);
        var newest = plan.Kept is [var first, ..] ? first.Sequence : Sequence.None;
        log?.DropThrough(Retention.LogFloor(
            plan.Floor, newest, journal is not null, reader.Watermarks.Replicated));
        if (journal is null && log?.IsLarge == true)
            log.DropThrough(Retention.FloorOfLargeLog(plan));
    }

    [LoggerMessage(2401, LogLevel.Information, "Stored a snapshot of commit {Sequence} with {Keys} keys")]
    private partial void LogTaken(Sequence sequence, ulong keys);

    [LoggerMessage(2404, LogLevel.Warning,
        "The snapshot of commit {Sequence} stopped within its first {Bytes} bytes and will be continued: {Reason}")]
    private partial void LogInterrupted(Sequence sequence, long bytes, string reason);

    [LoggerMessage(2402, LogLevel.Warning, "A snapshot failed and will be retried after the interval: {Reason}")]
    private partial void LogNotTaken(string reason);
}
