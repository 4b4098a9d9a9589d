using Aether.Persistence.Commits;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Snapshots;

/// <summary>
/// Takes snapshots, and drops what they make dispensable. A snapshot is stored only when everything in it is in the
/// journal (or, without one, in the log): so none is ever ahead of the log that a later writer continues.
/// </summary>
internal sealed partial class SnapshotRecorder(
    PersistenceOptions options,
    PersistencePorts ports,
    CommitPipeline pipeline,
    WriteAheadLog? log,
    Epoch epoch,
    SnapshotManifest? last,
    IReadOnlyList<SnapshotManifest> damaged,
    TimeProvider clock,
    EngineMetrics metrics,
    ILogger<SnapshotRecorder> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly SemaphoreSlim _forced = new(0);
    private SnapshotManifest? _last = last;

    public BackendHealth Health { get; } = new("snapshots");

    /// <summary>The newest snapshot stored.</summary>
    public SnapshotManifest? Last => Volatile.Read(ref _last);

    /// <summary>Whether there are commits that <see cref="Last"/> does not hold.</summary>
    public bool IsDue => pipeline.Measure().Sequence > (Last?.Sequence ?? Sequence.None);

    /// <summary>Has a snapshot taken before its time, by <see cref="RunAsync"/>.</summary>
    public void Force()
    {
        if (_forced.CurrentCount == 0)
            _forced.Release();
    }

    /// <summary>
    /// Takes a snapshot at every interval until cancelled, if anything changed; and without waiting for it while the
    /// log is large.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            if (log?.IsLarge == true && IsDue)
                await backoff.WaitAsync(cancellationToken);
            else
                await WaitForTimeOrForceAsync(cancellationToken);
            if (log?.IsLarge != true)
                backoff.Reset();
            if (!IsDue)
                continue;
            try
            {
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
            using var timer = metrics.TimeSnapshot();
            var manifest = await StoreAsync(cancellationToken);
            await RetainAsync(cancellationToken);
            return manifest;
        }
        catch (StoreUnavailableException exception)
        {
            Health.Failed(exception);
            throw;
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
        var world = pipeline.Capture();
        var manifest = SnapshotWriter.Describe(world, clock.GetUtcNow());
        pipeline.FlushNow();
        if (log is not null)
            await pipeline.Durable.WaitForAsync(manifest.Sequence, cancellationToken);
        if (ports.Journal is not null)
            await pipeline.Replicated.WaitForAsync(manifest.Sequence, cancellationToken);

        await ports.Snapshots.WriteAsync(manifest, SnapshotWriter.Write(world, options.WorldId), cancellationToken);
        Volatile.Write(ref _last, manifest);
        Health.Recovered();
        LogTaken(manifest.Sequence, manifest.Keys);
        return manifest;
    }

    private async Task RetainAsync(CancellationToken cancellationToken)
    {
        var stored = SnapshotOrder.NewestFirst(await ports.Snapshots.ListAsync(cancellationToken));
        var kept = Retention.Kept(stored, damaged, options.MaxSnapshots);
        foreach (var surplus in Retention.Surplus(stored, kept, options.MaxSnapshots))
            await ports.Snapshots.DeleteAsync(epoch, surplus, cancellationToken);

        var floor = Retention.Floor(kept, options.MaxSnapshots);
        if (ports.Journal is not null)
            await ports.Journal.TruncateThroughAsync(epoch, floor, cancellationToken);
        log?.DropThrough(Retention.LogFloor(
            floor, kept[0].Sequence, ports.Journal is not null, pipeline.Replicated.Value));
    }

    [LoggerMessage(2401, LogLevel.Information, "Stored a snapshot of commit {Sequence} with {Keys} keys")]
    private partial void LogTaken(Sequence sequence, ulong keys);

    [LoggerMessage(2402, LogLevel.Warning, "A snapshot was not finished, the next interval tries again: {Reason}")]
    private partial void LogNotTaken(string reason);
}
