using System.Runtime.ExceptionServices;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Runtime;

/// <content>Start, stop and failure of a runtime.</content>
public sealed partial class PersistenceRuntime
{
    // The release gets its own time, however little is left for the stop: without a release the next writer would have
    // to wait until the lease expires.
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits for the lease, recovers the state and serves it. If this throws, the runtime cannot be used.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        try
        {
            await OpenVolumeAsync(either.Token);
            await OpenWorldAsync(either.Token);
            Enter(RuntimePhase.Running, "");
        }
        catch (Exception exception)
        {
            Fail(exception);
            await EndAsync();

            // The exception may only be the cancellation that the failure caused. Report the failure.
            ExceptionDispatchInfo.Throw(Failure ?? exception);
        }
    }

    /// <summary>
    /// Accepts no more commits, flushes, ships and takes a last snapshot, as far as
    /// <paramref name="cancellationToken"/> allows. Then releases the lease, for which 2 s are always available. In a
    /// world with a log, acknowledged commits are durable in any case. In a world without one, only the last snapshot
    /// keeps the newest commits, so it is retried until the time is over.
    /// </summary>
    /// <returns>The commits that neither a snapshot nor a log holds; null if there are none.</returns>
    public async Task<LostCommits?> StopAsync(CancellationToken cancellationToken)
    {
        LostCommits? lost = null;
        if (_served is { } served && TryBeginStop())
        {
            served.Path.Close(RuntimePhase.Stopping);
            await served.Path.Flushed;
            await TryAsync("ship the remaining commits", served.Path.DrainAsync, cancellationToken);
            if (served.Recorder.IsDue)
                await TryAsync("take a last snapshot", token => TakeLastAsync(served, token), cancellationToken);
            lost = served.FindLost();
            using (var release = new CancellationTokenSource(ReleaseTime, _clock))
                await TryAsync("release the lease", _lease.ReleaseAsync, release.Token);
            lock (_gate)
                if (_failure is null)
                    (_phase, _detail) = (RuntimePhase.Stopped, lost?.ToString() ?? "");
            _changes.Raise();
        }
        await EndAsync();
        _completion.TrySetResult();
        return lost;
    }

    /// <summary>
    /// Ends the runtime at once, as a crash would: without draining, and without releasing the lease. Call
    /// <see cref="StopAsync"/> first if there is time.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _completion.TrySetCanceled(CancellationToken.None);
    }

    private Task OpenVolumeAsync(CancellationToken cancellationToken)
    {
        if (!_options.WalEnabled)
            return Task.CompletedTask;

        // Reading a long log takes seconds. Run it on another thread, because the host must answer its probes on this
        // one.
        return Task.Run(
            () =>
            {
                _volume = Volume.Open(_ports.Volume!, _options);
                _storedLog = LogOpening.Open(
                    _ports.Volume!, _volume.World, _options.SegmentBytes, _options.MaxLogBytes);
            },
            cancellationToken);
    }

    private async Task OpenWorldAsync(CancellationToken cancellationToken)
    {
        var volumeId = _volume?.Id ?? Guid.NewGuid();
        void OnWaiting(string reason) => Enter(RuntimePhase.Waiting, reason);

        await _lease.AcquireAsync(volumeId, _storedLog?.End?.Epoch ?? Epoch.None, OnWaiting, cancellationToken);
        Keep(_lease.KeepAsync);
        while (true)
        {
            Enter(RuntimePhase.Recovering, "");
            try
            {
                await ServeAsync(cancellationToken);
                return;
            }
            catch (FencedException refused) when (refused.Own == _lease.Epoch)
            {
                await _lease.ReopenAboveAsync(refused, volumeId, OnWaiting, cancellationToken);
            }
        }
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        var recovery = new WorldRecovery(
            _options,
            _ports.RecoverySources,
            _storedLog,
            _volume?.Id ?? Guid.Empty,
            _lease,
            _clock,
            reason => Enter(RuntimePhase.Recovering, reason),
            _progress,
            _loggers.CreateLogger<WorldRecovery>());
        var recovered = await Task.Run(() => recovery.RecoverAsync(cancellationToken), cancellationToken);
        StartLog(_lease.Epoch, recovered);

        var path = new WritePath(
            _options, _durability, recovered.World, _lease, _log, _ports.Journal, recovered.Backlog, _clock, _metrics,
            _loggers, Fail);
        var served = new RunningWorld
        {
            Path = path,
            Log = _log,
            Recorder = new SnapshotRecorder(
                _options,
                _ports.Snapshots,
                _ports.Journal,
                path.Reader,
                _log,
                _lease,
                recovered.Snapshot,
                recovered.DamagedSnapshots,
                _clock,
                _metrics,
                _loggers.CreateLogger<SnapshotRecorder>())
            {
                LastBytes = recovered.SnapshotBytes,
                Stored = _changes.Raise,
            },
            Report = recovered.Report,
            Found = recovered.Found,
        };
        Publish(served);
        path.Start();
        Keep(served.Recorder.RunAsync);
        if (_log is not null)
            Keep(new SegmentPreparer(
                _log, served.Recorder.Force, _clock, _loggers.CreateLogger<SegmentPreparer>()).RunAsync);
        Keep(path.ShipAsync);
    }

    // On a full volume, dropping the segments that no recovery needs may be the only way to make room for a new
    // segment.
    private void StartLog(Epoch epoch, RecoveredWorld recovered)
    {
        var dispensable = _ports.Journal is not null && recovered.Snapshot is { } snapshot
            ? Retention.LogFloor(default, snapshot.Sequence, hasJournal: true, recovered.Backlog.Replicated)
            : Sequence.None;
        _storedLog?.DropThrough(dispensable);
        _log = _storedLog?.Start(epoch, recovered.End, dispensable);
    }

    // The lease may have been lost during the recovery.
    private void Publish(RunningWorld served)
    {
        lock (_gate)
        {
            if (_failure is not null)
                served.Path.Fail(_phase, _failure);
            _served = served;
        }
    }

    /// <summary>Runs a loop until the runtime ends. If the loop fails, so does the runtime.</summary>
    private void Keep(Func<CancellationToken, Task> loop)
    {
        lock (_gate)
            _loops.Add(Task.Run(GuardAsync));

        async Task GuardAsync()
        {
            try
            {
                await loop(_ending.Token);
            }
            catch (Exception exception) when (_ending.IsCancellationRequested
                && exception is OperationCanceledException or RuntimeUnavailableException)
            {
                // The runtime is ending, and the loop has seen either the cancellation or the failure.
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }
    }

    private void Enter(RuntimePhase phase, string detail)
    {
        bool changed;
        lock (_gate)
        {
            if (_failure is not null)
                return;
            changed = _phase != phase;
            _phase = phase;
            _detail = detail;
        }

        if (changed)
            _changes.Raise();
    }

    private async Task TakeLastAsync(RunningWorld served, CancellationToken cancellationToken) =>
        await Backoff.RetryAsync(
            () => served.Recorder.TakeAsync(cancellationToken),
            outage =>
            {
                if (served.FindLost() is null)
                    ExceptionDispatchInfo.Throw(outage);
                LogLastSnapshotRetried(outage.Message);
            },
            _clock,
            cancellationToken);

    private bool TryBeginStop()
    {
        lock (_gate)
        {
            if (_failure is not null || _phase != RuntimePhase.Running)
                return false;
            _phase = RuntimePhase.Stopping;
        }

        _changes.Raise();
        return true;
    }

    // If the runtime fails for lack of memory, each of these steps may fail too. Attempt every step nevertheless,
    // starting with those that prevent a wrong acknowledgement.
    private void Fail(Exception cause)
    {
        lock (_gate)
        {
            if (_failure is not null || _phase == RuntimePhase.Stopped)
                return;
            _failure = cause;
            _phase = cause is FencedException ? RuntimePhase.Fenced : RuntimePhase.Failed;
            OnFailure(cause);
            Attempt(() => _served?.Path.Fail(_phase, cause));
            _detail = cause.Message;
            if (cause is WalFailedException)
                _walHealth.Failed(cause);
        }

        Attempt(_changes.Raise);
        Attempt(() => LogFailed(IsKnown(cause) ? null : cause, _phase, cause.Message));
        Attempt(_ending.Cancel);
        if (cause is FencedException)
            CountFencing();
        _completion.TrySetException(cause);
    }

    private static void Attempt(Action step)
    {
        try
        {
            step();
        }
        catch (Exception)
        {
            // The runtime's completion carries the first cause, which is the one to report.
        }
    }

    // The count is only for diagnosis. The process ends whether or not it can be stored.
    private void CountFencing()
    {
        try
        {
            _volume?.Fencings.Add();
        }
        catch (Exception exception)
        {
            LogNotCounted(exception.Message);
        }
    }

    private async Task TryAsync(string what, Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await step(cancellationToken);
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or StoreUnavailableException or RuntimeUnavailableException)
        {
            LogNotDone(what, exception.Message);
        }
        catch (FencedException fenced)
        {
            Fail(fenced);
        }
    }

    private async Task EndAsync()
    {
        await _ending.CancelAsync();
        if (_served is { } served)
        {
            served.Path.Fail(RuntimePhase.Stopped, new OperationCanceledException("The runtime has ended."));
            await served.Path.Flushed;
        }
        Task[] loops;
        lock (_gate)
            loops = [.. _loops];
        await Task.WhenAll(loops);
        _served?.Dispose();
        _log?.Dispose();
        _volume?.Dispose();
    }

    // The message of such an exception is meant for operators. Logging its stack as well would make it look like a
    // defect.
    private static bool IsKnown(Exception cause) => cause
        is FencedException or WalFailedException or WalCorruptException or RecoveryException or JournalGapException
        or JournalFellBackException or VolumeException or VolumeDamagedException or VolumeInUseException
        or VolumeMismatchException or OperationCanceledException;

    [LoggerMessage(2001, LogLevel.Critical, "The world is {Phase} and acknowledges nothing more: {Reason}")]
    private partial void LogFailed(Exception? defect, RuntimePhase phase, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "Could not record on the volume that this writer was fenced: {Reason}")]
    private partial void LogNotCounted(string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The last snapshot could not be stored. Trying again: {Reason}")]
    private partial void LogLastSnapshotRetried(string reason);

    [LoggerMessage(2002, LogLevel.Warning, "Could not {What} before the stop: {Reason}")]
    private partial void LogNotDone(string what, string reason);
}
