using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using Prometheus;

namespace Aether.Operator.Metrics;

/// <summary>The number of worlds by class and phase, kept current by the cache's changes.</summary>
internal sealed class WorldMetrics : IHostedService
{
    private readonly IEntityCache<WorldPersistence> _cache;
    private readonly Gauge _worlds;
    private IDisposable? _subscription;

    public WorldMetrics(IMetricFactory metrics, IEntityCache<WorldPersistence> cache)
    {
        _cache = cache;
        _worlds = metrics.CreateGauge("aether_operator_worlds", "Worlds by class and phase.", ["class", "phase"]);
        foreach (var @class in Enum.GetNames<WorldClass>())
        {
            foreach (var phase in Enum.GetNames<WorldPhase>())
                _worlds.WithLabels(@class, phase);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = _cache.Subscribe(Take);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Counts a world in its current state.</summary>
    public void Take(EntityChange<WorldPersistence> change)
    {
        if (change.Before is { } before)
            SeriesOf(before).Dec();
        if (change.After is { } after)
            SeriesOf(after).Inc();
    }

    // A value that the schema should have refused counts as its default: a world that nothing was done for yet.
    private Gauge.Child SeriesOf(WorldPersistence world) => _worlds.WithLabels(
        Known(world.Spec.Class, WorldClass.Durable),
        world.Metadata.DeletionTimestamp is not null
            ? nameof(WorldPhase.Deleting)
            : Known(world.Status.Phase, WorldPhase.Pending));

    private static string Known<T>(string? text, T otherwise)
        where T : struct, Enum => Array.IndexOf(Enum.GetNames<T>(), text) >= 0 ? text! : otherwise.ToString();
}
