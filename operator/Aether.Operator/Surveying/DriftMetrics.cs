using Aether.Operator.Kinds;
using Prometheus;

namespace Aether.Operator.Surveying;

/// <summary>The metrics of surveys.</summary>
internal sealed class DriftMetrics
{
    private static readonly StoreName[] Stores = [StoreName.Postgres, StoreName.Redis, StoreName.Nats];

    private readonly Histogram _seconds;
    private readonly Counter _failures;
    private readonly Counter _changed;

    public DriftMetrics(IMetricFactory metrics)
    {
        _seconds = metrics.CreateHistogram(
            "aether_drift_survey_seconds",
            "How long it took to read the facts about all worlds of a backend from a store.",
            ["store"],
            new HistogramConfiguration { Buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _failures = metrics.CreateCounter(
            "aether_drift_survey_failures_total",
            "Surveys of a backend's store that failed, so that each of its worlds was inspected alone.",
            ["store"]);
        _changed = metrics.CreateCounter(
            "aether_drift_worlds_changed_total",
            "Worlds that a survey found changed, new or gone, and that were inspected for it.",
            ["store"]);
        foreach (var store in Stores)
        {
            _seconds.WithLabels(store.Display);
            _failures.WithLabels(store.Display);
            _changed.WithLabels(store.Display);
        }
    }

    public void Surveyed(StoreName store, TimeSpan duration, int changed)
    {
        _seconds.WithLabels(store.Display).Observe(duration.TotalSeconds);
        _changed.WithLabels(store.Display).Inc(changed);
    }

    public void Failed(StoreName store) => _failures.WithLabels(store.Display).Inc();
}
