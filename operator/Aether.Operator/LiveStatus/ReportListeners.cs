using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Reconciling;
using k8s.Models;

namespace Aether.Operator.LiveStatus;

/// <summary>Keeps a <see cref="ReportListener"/> for every backend that worlds are on, and none for others.</summary>
internal sealed class ReportListeners(
    OperatorOptions options,
    BackendResolver resolver,
    ReportBook book,
    StoreCircuits circuits,
    IEntityCache<PersistenceBackend> backends,
    IEntityCache<V1Secret> secrets,
    TimeProvider clock,
    ILoggerFactory loggers)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Listening> _listeners = []; // guarded by _lock
    private readonly ILogger<ReportListener> _log = loggers.CreateLogger<ReportListener>();

    /// <summary>Follows backends and their Secrets until <paramref name="stopping"/>, then stops all.</summary>
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

    /// <summary>Starts and stops listeners as the worlds that are followed need them.</summary>
    public async Task FitAsync(CancellationToken stopping)
    {
        var wanted = book.Backends();
        List<Listening> surplus;
        lock (_lock)
        {
            foreach (var backend in wanted.Where(backend => !_listeners.ContainsKey(backend)))
                _listeners[backend] = Start(backend, stopping);
            surplus = [.. _listeners.Where(entry => !wanted.Contains(entry.Key)).Select(entry => entry.Value)];
            foreach (var listening in surplus)
                _listeners.Remove(listening.Backend);
        }

        await Task.WhenAll(surplus.Select(StopAsync));
    }

    private static async Task StopAsync(Listening listening)
    {
        await listening.Stop.CancelAsync();
        await listening.Run;
        listening.Stop.Dispose();
    }

    private Listening Start(string backend, CancellationToken stopping)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var listener = new ReportListener(backend, resolver, book, circuits, options.ResyncInterval, clock, _log);
        return new Listening(backend, listener, Task.Run(() => listener.RunAsync(stop.Token), stopping), stop);
    }

    private void RefreshChanged(EntityChange<PersistenceBackend> change)
    {
        if (change.Kind != EntityChangeKind.Added && ChangeFilters.MoreThanStatus(change))
            Refresh([change.Key.Name]);
    }

    private IEnumerable<string> FindBackends(V1Secret secret) =>
        backends.Find(OperatorServices.BySecret, ObjectKey.Of(secret).ToString())
            .Select(backend => backend.Metadata.Name);

    private void Refresh(IEnumerable<string> names)
    {
        lock (_lock)
        {
            foreach (var name in names)
                _listeners.GetValueOrDefault(name)?.Listener.Refresh();
        }
    }

    private sealed record Listening(string Backend, ReportListener Listener, Task Run, CancellationTokenSource Stop);
}
