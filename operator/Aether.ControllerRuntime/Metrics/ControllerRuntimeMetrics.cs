using Prometheus;

namespace Aether.ControllerRuntime;

/// <summary>
/// Every instrument of the runtime. Each series exists from the start with 0, so that its first event shows as a rise.
/// </summary>
internal sealed class ControllerRuntimeMetrics
{
    private readonly Histogram _reconciles;
    private readonly Gauge _depth;
    private readonly Counter _retries;
    private readonly Counter _watchRestarts;
    private readonly Counter _lists;
    private readonly Gauge _cached;
    private readonly Gauge _leader;
    private readonly Counter _events;

    public ControllerRuntimeMetrics(IMetricFactory metrics)
    {
        _reconciles = metrics.CreateHistogram(
            "aether_controller_reconcile_seconds",
            "Duration of reconciles by controller and result: done, requeued, failed, conflict, error or cancelled.",
            new HistogramConfiguration
            {
                LabelNames = ["controller", "result"],
                Buckets = Histogram.ExponentialBuckets(0.001, 4, 9),
            });
        _depth = metrics.CreateGauge(
            "aether_controller_queue_depth", "Objects that wait for a reconcile.", ["controller"]);
        _retries = metrics.CreateCounter(
            "aether_controller_retries_total", "Reconciles delayed by the backoff after a failure.", ["controller"]);
        _watchRestarts = metrics.CreateCounter(
            "aether_controller_watch_restarts_total",
            "Watches reopened, by kind and by the reason the last one ended.",
            ["kind", "reason"]);
        _lists = metrics.CreateCounter(
            "aether_controller_lists_total", "Lists read to fill or refill a cache.", ["kind"]);
        _cached = metrics.CreateGauge("aether_controller_cached_objects", "Objects in a cache.", ["kind"]);
        _leader = metrics.CreateGauge(
            "aether_controller_leader", "1 while this process runs the controllers, else 0.");
        _events = metrics.CreateCounter(
            "aether_controller_events_total",
            "Events by outcome: written, counted, dropped or failed.",
            ["outcome"]);
        foreach (var outcome in Enum.GetValues<EventOutcome>())
            _events.WithLabels(MetricLabel.Of(outcome));
    }

    /// <summary>Creates the series of a controller.</summary>
    public void AddController(string controller)
    {
        foreach (var outcome in Enum.GetValues<ReconcileOutcome>())
            _reconciles.WithLabels(controller, MetricLabel.Of(outcome));
        _depth.WithLabels(controller);
        _retries.WithLabels(controller);
    }

    /// <summary>Creates the series of the cache of a kind.</summary>
    public void AddCache(string kind)
    {
        foreach (var reason in Enum.GetValues<WatchEnd>())
            _watchRestarts.WithLabels(kind, MetricLabel.Of(reason));
        _lists.WithLabels(kind);
        _cached.WithLabels(kind);
    }

    public void Reconciled(string controller, ReconcileOutcome outcome, TimeSpan elapsed) =>
        _reconciles.WithLabels(controller, MetricLabel.Of(outcome)).Observe(elapsed.TotalSeconds);

    public void SetQueueDepth(string controller, int depth) => _depth.WithLabels(controller).Set(depth);

    public void Retried(string controller) => _retries.WithLabels(controller).Inc();

    public void WatchEnded(string kind, WatchEnd reason) =>
        _watchRestarts.WithLabels(kind, MetricLabel.Of(reason)).Inc();

    public void Listed(string kind) => _lists.WithLabels(kind).Inc();

    public void SetCached(string kind, int objects) => _cached.WithLabels(kind).Set(objects);

    public void SetLeader(bool leader) => _leader.Set(leader ? 1 : 0);

    public void Event(EventOutcome outcome) => _events.WithLabels(MetricLabel.Of(outcome)).Inc();
}
