using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Resolving;
using k8s.Models;

namespace Aether.Operator.LiveStatus;

/// <summary>Runs a <see cref="ReportListener"/> for every source that the worlds' agents report through.</summary>
internal sealed class ReportListeners(
    OperatorOptions options,
    BackendResolver resolver,
    LatestReports latest,
    StoreCircuits circuits,
    PostgresConnections postgres,
    NatsConnections nats,
    IEntityCache<PersistenceBackend> backends,
    IEntityCache<V1Secret> secrets,
    TimeProvider clock,
    ILoggerFactory loggers)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ReportSource, Listening> _listeners = []; // guarded by _lock
    private readonly ILogger<ReportListener> _log = loggers.CreateLogger<ReportListener>();

    /// <summary>
    /// Refreshes the listeners of changed backends and Secrets until <paramref name="stopping"/> is cancelled, then
    /// stops all listeners.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using (backends.Subscribe(RefreshChanged))
        using (secrets.Subscribe(change => Refresh(FindBackends(change.Entity))))
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        List<Listening> all;
        lock (_lock)
            all = [.. _listeners.Values];
        await Task.WhenAll(all.Select(StopAsync));
    }

    /// <summary>Starts and stops listeners as the followed worlds need them.</summary>
    public async Task FitAsync(CancellationToken stopping)
    {
        var wanted = latest.Sources();
        List<Listening> surplus;
        lock (_lock)
        {
            foreach (var source in wanted.Where(source => !_listeners.ContainsKey(source)))
                _listeners[source] = Start(source, stopping);
            surplus = [.. _listeners.Where(entry => !wanted.Contains(entry.Key)).Select(entry => entry.Value)];
            foreach (var listening in surplus)
                _listeners.Remove(listening.Source);
        }

        await Task.WhenAll(surplus.Select(StopAsync));
    }

    private static async Task StopAsync(Listening listening)
    {
        await listening.Stop.CancelAsync();
        await listening.Run;
        listening.Stop.Dispose();
    }

    private Listening Start(ReportSource source, CancellationToken stopping)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var listener = new ReportListener(source, ReaderOf(source), latest, clock, _log);
        return new Listening(source, listener, Task.Run(() => listener.RunAsync(stop.Token), stopping), stop);
    }

    private IReportReader ReaderOf(ReportSource source) => source.Channel == ReportChannel.Nats
        ? new NatsReportReader(source.Backend, resolver, latest, circuits, nats, options.DriftInterval, clock)
        : new PostgresReportReader(source.Backend, resolver, latest, circuits, postgres, clock);

    private void RefreshChanged(EntityChange<PersistenceBackend> change)
    {
        if (change.Kind != EntityChangeKind.Added && ChangeFilters.MoreThanStatus(change))
            Refresh([change.Key.Name]);
    }

    private IEnumerable<string> FindBackends(V1Secret secret) =>
        backends.Find(BackendSecrets.Index, ObjectKey.Of(secret).ToString())
            .Select(backend => backend.Metadata.Name);

    private void Refresh(IEnumerable<string> names)
    {
        var backends = names.ToHashSet();
        lock (_lock)
        {
            foreach (var (source, listening) in _listeners)
            {
                if (backends.Contains(source.Backend))
                    listening.Listener.Refresh();
            }
        }
    }

    private sealed record Listening(
        ReportSource Source, ReportListener Listener, Task Run, CancellationTokenSource Stop);
}
