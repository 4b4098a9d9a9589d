using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>Carries changes to the queue and keys from there to passes; sees to what follows from a result.</summary>
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
            // A key that waits for the cache is let go by any event; the tracker decides whether it was the one.
            if (_awaitingCache.TryRemove(change.Key, out _) || options.Filter(change))
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
            // One that dies takes the others along, so that the controller ends loudly and not by and by.
            Interlocked.Decrement(ref _workers);
            await halt.CancelAsync();
        }
    }

    private async Task ProcessAsync(WorkQueue queue, ObjectKey key, CancellationToken aborting)
    {
        // Marked first, then asked: an event between the two finds the mark.
        _awaitingCache[key] = true;
        if (cache.Writes.Lag(key) is var lag && lag > TimeSpan.Zero)
        {
            queue.AddAfter(key, lag);
            return;
        }

        _awaitingCache.TryRemove(key, out _);
        var started = clock.GetTimestamp();
        var outcome = await PassAsync(queue, key, aborting);
        metrics.Passed(Name, outcome, clock.GetElapsedTime(started));
    }

    private async Task<string> PassAsync(WorkQueue queue, ObjectKey key, CancellationToken aborting)
    {
        try
        {
            var result = cache.TryGet(key, out var entity)
                ? await reconciler.PassAsync(entity, aborting)
                : await reconciler.ForgetAsync(key, aborting);
            return Follow(queue, key, result);
        }
        catch (ApiException exception) when (exception.IsConflict)
        {
            // The object moved on while the pass ran: nothing is wrong, the next pass sees the newer one.
            LogConflict(Name, key);
            queue.AddFailed(key);
            return "conflict";
        }
        catch (OperationCanceledException) when (aborting.IsCancellationRequested)
        {
            return "cancelled";
        }
        catch (Exception exception)
        {
            LogFailed(exception, Name, key);
            queue.AddFailed(key);
            return "error";
        }
    }

    private string Follow(WorkQueue queue, ObjectKey key, ReconcileResult result)
    {
        if (result.Failure is not null)
        {
            LogUnsuccessful(Name, key, result.Failure);
            queue.AddFailed(key);
            return "failed";
        }

        queue.Forget(key);
        if (result.Delay is not { } delay)
            return "done";

        queue.AddAfter(key, delay);
        return "requeued";
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

            // Spread out, so that many objects do not ask the stores behind them all at once.
            foreach (var key in cache.Keys())
                queue.AddAfter(key, options.ResyncInterval * ResyncSpread * random());
        }
    }

    [LoggerMessage(4001, LogLevel.Information, "Controller {Controller} started with {Workers} workers")]
    private partial void LogStarted(string controller, int workers);

    [LoggerMessage(4002, LogLevel.Information, "Controller {Controller} stopped")]
    private partial void LogStopped(string controller);

    [LoggerMessage(4003, LogLevel.Debug, "{Controller} {Key} changed during the pass; trying again")]
    private partial void LogConflict(string controller, ObjectKey key);

    [LoggerMessage(4004, LogLevel.Error, "The pass of {Controller} over {Key} failed; trying again")]
    private partial void LogFailed(Exception exception, string controller, ObjectKey key);

    [LoggerMessage(4005, LogLevel.Warning, "{Controller} {Key}: {Reason}; trying again")]
    private partial void LogUnsuccessful(string controller, ObjectKey key, string reason);
}
