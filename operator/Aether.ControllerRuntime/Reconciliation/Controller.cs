using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>
/// Queues the keys of changed objects, reconciles them with several workers, and requeues by the result.
/// </summary>
internal sealed partial class Controller<TEntity>(
    ControllerOptions<TEntity> options,
    EntityCache<TEntity> cache,
    IEnumerable<ISecondaryWatch<TEntity>> watches,
    Reconciler<TEntity> reconciler,
    RandomSource random,
    ControllerRuntimeMetrics metrics,
    ILogger<Controller<TEntity>> logger,
    TimeProvider clock) : IControllerLoop
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private const double ResyncSpread = 0.1;

    private readonly IReadOnlyList<ISecondaryWatch<TEntity>> _watches = [.. watches];
    private readonly ConcurrentDictionary<ObjectKey, bool> _awaitingCache = new();

    // The last known form of deleted objects, until DeletedAsync has succeeded for them.
    private readonly ConcurrentDictionary<ObjectKey, TEntity> _deleted = new();
    private int _workers;

    public string Name => options.Name;

    public bool IsRunning => Volatile.Read(ref _workers) == options.Workers;

    public async Task RunAsync(CancellationToken stopping, CancellationToken aborting)
    {
        await cache.WaitForSyncAsync(stopping);
        foreach (var watch in _watches)
            await watch.WaitForSyncAsync(stopping);

        var backoff = new Backoff(options.BackoffBase, options.BackoffLimit, random);
        using var queue = new WorkQueue(Name, backoff, metrics, clock);
        using var halt = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var subscriptions = Subscribe(queue);
        try
        {
            LogStarted(Name, options.Workers);
            var workers = Enumerable.Range(0, options.Workers).Select(_ => WorkAsync(queue, halt, aborting));
            await Task.WhenAll(workers.Append(ResyncAsync(queue, halt.Token)));
            LogStopped(Name);
        }
        finally
        {
            foreach (var subscription in subscriptions)
                subscription.Dispose();
        }
    }

    private List<IDisposable> Subscribe(WorkQueue queue) =>
    [
        cache.Subscribe(change =>
        {
            // Any event releases a key that waits for the cache; ProcessAsync then asks the WriteTracker whether the
            // cache has caught up.
            if (!_awaitingCache.TryRemove(change.Key, out _) && !options.Filter(change))
                return;
            if (change.Kind == EntityChangeKind.Deleted)
                _deleted[change.Key] = change.Entity;
            queue.Add(change.Key);
        }),
        .. _watches.Select(watch => watch.Subscribe(cache, queue.Add)),
    ];

    private async Task WorkAsync(WorkQueue queue, CancellationTokenSource halt, CancellationToken aborting)
    {
        var stopping = halt.Token;
        await Task.Yield();
        Interlocked.Increment(ref _workers);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var key = await queue.TakeAsync(stopping);
                try
                {
                    await ProcessAsync(queue, key, aborting);
                }
                finally
                {
                    queue.Done(key);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            // If one worker fails, stop the others, so that the controller ends at once instead of running on with
            // fewer.
            Interlocked.Decrement(ref _workers);
            await halt.CancelAsync();
        }
    }

    private async Task ProcessAsync(WorkQueue queue, ObjectKey key, CancellationToken aborting)
    {
        // Mark the key before asking for its lag: an event that arrives between the two then finds the mark and
        // queues the key.
        _awaitingCache[key] = true;
        if (cache.Writes.Lag(key) is var lag && lag > TimeSpan.Zero)
        {
            queue.AddAfter(key, lag);
            return;
        }

        _awaitingCache.TryRemove(key, out _);
        using var scope = ReconcileScope.Begin(Name, key, logger);
        var started = clock.GetTimestamp();
        var outcome = await ReconcileAsync(queue, key, aborting);
        scope.End(outcome);
        metrics.Reconciled(Name, outcome, clock.GetElapsedTime(started));
    }

    private async Task<ReconcileOutcome> ReconcileAsync(WorkQueue queue, ObjectKey key, CancellationToken aborting)
    {
        try
        {
            if (cache.TryGet(key, out var entity))
                return ApplyResult(queue, key, await reconciler.ReconcileAsync(entity, aborting));
            return _deleted.TryGetValue(key, out var deleted)
                ? ApplyResult(queue, key, await ReportDeletedAsync(key, deleted, aborting))
                : Done(queue, key);
        }
        catch (ApiException exception) when (exception.IsConflict)
        {
            // The object changed during the reconcile. This is normal: the next reconcile reads the newer version.
            LogConflict(Name, key);
            queue.AddFailed(key);
            return ReconcileOutcome.Conflict;
        }
        catch (OperationCanceledException) when (aborting.IsCancellationRequested)
        {
            return ReconcileOutcome.Cancelled;
        }
        catch (Exception exception)
        {
            LogFailed(exception, Name, key);
            queue.AddFailed(key);
            return ReconcileOutcome.Error;
        }
    }

    private async Task<ReconciliationResult<TEntity>> ReportDeletedAsync(
        ObjectKey key, TEntity deleted, CancellationToken aborting)
    {
        var result = await reconciler.DeletedAsync(deleted, aborting);
        if (result.IsSuccess)
            _deleted.TryRemove(KeyValuePair.Create(key, deleted));
        return result;
    }

    private ReconcileOutcome ApplyResult(WorkQueue queue, ObjectKey key, ReconciliationResult<TEntity> result)
    {
        if (result.RequeueAfter is { } delay)
        {
            if (!result.IsSuccess)
                LogPostponed(result.Error, Name, key, delay, result.ErrorMessage);
            queue.Forget(key);
            queue.AddAfter(key, delay < TimeSpan.Zero ? TimeSpan.Zero : delay);
            return ReconcileOutcome.Requeued;
        }

        if (result.IsSuccess)
            return Done(queue, key);

        LogUnsuccessful(result.Error, Name, key, result.ErrorMessage);
        queue.AddFailed(key);
        return ReconcileOutcome.Failed;
    }

    private static ReconcileOutcome Done(WorkQueue queue, ObjectKey key)
    {
        queue.Forget(key);
        return ReconcileOutcome.Done;
    }

    private async Task ResyncAsync(WorkQueue queue, CancellationToken stopping)
    {
        while (options.ResyncInterval > TimeSpan.Zero && !stopping.IsCancellationRequested)
        {
            var jitter = 1 + (ResyncSpread * ((2 * random()) - 1));
            await Task.Delay(options.ResyncInterval * jitter, clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
                return;

            // Spread the resync out, so that many objects do not call the stores behind them at the same time.
            foreach (var key in cache.Keys())
                queue.AddAfter(key, options.ResyncInterval * ResyncSpread * random());
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "Controller {Controller} started with {Workers} workers")]
    private partial void LogStarted(string controller, int workers);

    [LoggerMessage(4002, LogLevel.Information, "Controller {Controller} stopped")]
    private partial void LogStopped(string controller);

    [LoggerMessage(4003, LogLevel.Debug,
        "{Key} changed while {Controller} reconciled it; retrying on the new version")]
    private partial void LogConflict(string controller, ObjectKey key);

    [LoggerMessage(4004, LogLevel.Error,
        "{Controller} failed to reconcile {Key} with an unexpected exception and retries with a growing pause")]
    private partial void LogFailed(Exception exception, string controller, ObjectKey key);

    [LoggerMessage(4005, LogLevel.Warning,
        "{Controller} could not reconcile {Key} and will retry with a growing pause: {Reason}")]
    private partial void LogUnsuccessful(Exception? exception, string controller, ObjectKey key, string reason);

    [LoggerMessage(4007, LogLevel.Debug, "{Controller} reconciles {Key} again in {Delay}: {Reason}")]
    private partial void LogPostponed(
        Exception? exception, string controller, ObjectKey key, TimeSpan delay, string reason);
}
