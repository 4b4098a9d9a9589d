using Prometheus;

namespace Aether.ControllerRuntime;

/// <summary>Every instrument of the runtime.</summary>
internal sealed class ControllerRuntimeMetrics(IMetricFactory metrics)
{
    private readonly Histogram _passes = metrics.CreateHistogram(
        "aether_controller_reconcile_seconds",
        "Duration of passes by controller and result: done, requeued, failed, conflict or error.",
        new HistogramConfiguration
        {
            LabelNames = ["controller", "result"],
            Buckets = Histogram.ExponentialBuckets(0.001, 4, 9),
        });

    private readonly Gauge _depth = metrics.CreateGauge(
        "aether_controller_queue_depth", "Objects that wait for a pass.", ["controller"]);

    private readonly Counter _retries = metrics.CreateCounter(
        "aether_controller_retries_total", "Passes put off by the backoff after a failure.", ["controller"]);

    private readonly Counter _watchRestarts = metrics.CreateCounter(
        "aether_controller_watch_restarts_total", "Watches opened again, by kind and by why the last one ended.",
        ["kind", "reason"]);

    private readonly Counter _lists = metrics.CreateCounter(
        "aether_controller_lists_total", "Lists read to fill or refill a cache.", ["kind"]);

    private readonly Gauge _cached = metrics.CreateGauge(
        "aether_controller_cached_objects", "Objects in a cache.", ["kind"]);

    private readonly Gauge _leader = metrics.CreateGauge(
        "aether_controller_leader", "1 while this process runs the controllers, else 0.");

    private readonly Counter _events = metrics.CreateCounter(
        "aether_controller_events_total", "Events by outcome: written, counted, dropped or failed.", ["outcome"]);

    public void Passed(string controller, string result, TimeSpan elapsed) =>
        _passes.WithLabels(controller, result).Observe(elapsed.TotalSeconds);

    public void SetQueueDepth(string controller, int depth) => _depth.WithLabels(controller).Set(depth);

    public void Retried(string controller) => _retries.WithLabels(controller).Inc();

    public void WatchEnded(string kind, WatchEnd reason) =>
        _watchRestarts.WithLabels(kind, reason.ToString().ToLowerInvariant()).Inc();

    public void Listed(string kind) => _lists.WithLabels(kind).Inc();

    public void SetCached(string kind, int objects) => _cached.WithLabels(kind).Set(objects);

    public void SetLeader(bool leader) => _leader.Set(leader ? 1 : 0);

    public void Event(string outcome) => _events.WithLabels(outcome).Inc();
}
