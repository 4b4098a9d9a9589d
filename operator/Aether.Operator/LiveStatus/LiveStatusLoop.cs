using Aether.ControllerRuntime;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// Shows the agents' reports in the status of every world: at most every 10 s, and only if a user would act on the
/// change. Only the leader receives reports and writes.
/// </summary>
internal sealed partial class LiveStatusLoop : ILeaderLoop
{
    private static readonly TimeSpan Urgent = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SnapshotOnly = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly IEntityCache<WorldPersistence> _worlds;
    private readonly IObjectClient _objects;
    private readonly LatestReports _latest;
    private readonly ReportListeners _listeners;
    private readonly InjectionOptions _injection;
    private readonly LiveEvents _events;
    private readonly ReportMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ScheduledKeys _due;
    private readonly Dictionary<ObjectKey, DateTimeOffset> _written = [];
    private int _worldsChanged;

    public LiveStatusLoop(
        IEntityCache<WorldPersistence> worlds,
        IObjectClient objects,
        LatestReports latest,
        ReportListeners listeners,
        InjectionOptions injection,
        LiveEvents events,
        ReportMetrics metrics,
        TimeProvider clock,
        ILogger<LiveStatusLoop> logger)
    {
        (_worlds, _objects, _latest, _listeners, _injection) = (worlds, objects, latest, listeners, injection);
        (_events, _metrics, _clock, _logger) = (events, metrics, clock, logger);
        _due = new ScheduledKeys(clock);
        _latest.Changed = _due.Add;
    }

    public string Name => "live-status";

    public async Task RunAsync(CancellationToken stopping, CancellationToken aborting)
    {
        await _worlds.WaitForSyncAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _latest.Begin();
        using var halt = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var following = _worlds.Subscribe(Follow);
        var loops = new[] { _listeners.RunAsync(halt.Token), UpdateStatusesAsync(halt.Token, aborting) };
        var first = await Task.WhenAny(loops);
        await halt.CancelAsync();
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private void Follow(EntityChange<WorldPersistence> change)
    {
        if (change.After is { } world)
            _latest.Follow(world);
        else
            _latest.Forget(change.Key);
        Interlocked.Exchange(ref _worldsChanged, 1);
        _due.Add(change.Key);
    }

    private async Task UpdateStatusesAsync(CancellationToken stopping, CancellationToken aborting)
    {
        try
        {
            while (true)
            {
                var key = await _due.TakeAsync(stopping);
                if (Interlocked.Exchange(ref _worldsChanged, 0) == 1)
                    await _listeners.FitAsync(stopping);
                await TryUpdateStatusAsync(key, aborting);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested || aborting.IsCancellationRequested)
        {
            // The next leader writes what is still due.
        }
    }

    private async Task TryUpdateStatusAsync(ObjectKey key, CancellationToken aborting)
    {
        try
        {
            await UpdateStatusAsync(key, aborting);
        }
        catch (ApiException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            // The cache lags behind the API server. Its next change makes the key due; retry in case it has already
            // arrived.
            _due.AddAt(key, _clock.GetUtcNow() + AfterFailure);
        }
        catch (Exception exception) when (!aborting.IsCancellationRequested)
        {
            LogFailed(exception, key);
            _due.AddAt(key, _clock.GetUtcNow() + Urgent);
        }
    }

    private async Task UpdateStatusAsync(ObjectKey key, CancellationToken aborting)
    {
        // Also while the world is being deleted: its deletion waits for its writer.
        if (!_worlds.TryGet(key, out var world))
        {
            _written.Remove(key);
            return;
        }

        var now = _clock.GetUtcNow();
        var (reports, epoch, fenced, channel) = _latest.Read(key);
        var revision = WorldPersistenceValidator.Validate(world.Spec) is []
            ? AgentTemplate.For(world, _injection).Revision
            : null;
        var (view, due) = LiveView.Of(world.Status, (reports, epoch, fenced), channel, revision, now);
        if (due is { } time)
            _due.AddAt(key, time);
        if (view is null)
            return;

        var before = LiveEvents.Facts(world);
        var change = LiveStatusEdit.Apply(world, view, _clock);
        if (change == LiveStatusChange.None)
            return;

        var allowed = _written.GetValueOrDefault(key) + (change == LiveStatusChange.Snapshot ? SnapshotOnly : Urgent);
        if (allowed > now)
        {
            _due.AddAt(key, allowed);
            return;
        }

        await _objects.ReplaceStatusAsync(world, aborting);
        _written[key] = now;
        _metrics.Written();
        _events.Record(world, before);
    }

    [LoggerMessage(5204, LogLevel.Error, "The live status of world {World} could not be written; retrying in 10 s")]
    private partial void LogFailed(Exception exception, ObjectKey world);
}
