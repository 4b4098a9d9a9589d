using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Prometheus;

namespace Aether.Operator.Metrics;

/// <summary>The counters of provisioning.</summary>
internal sealed class OperatorMetrics
{
    private static readonly StoreName[] Stores = [StoreName.Postgres, StoreName.Redis, StoreName.Nats];

    private readonly RecentRepairs _repairs;
    private readonly Counter _drifts;
    private readonly Counter _repeated;
    private readonly Counter _failures;

    public OperatorMetrics(IMetricFactory metrics, TimeProvider clock)
    {
        _repairs = new RecentRepairs(clock);
        _drifts = metrics.CreateCounter(
            "aether_operator_drifts_repaired_total",
            "Objects in stores that were changed from outside and repaired.",
            ["store"]);
        _repeated = metrics.CreateCounter(
            "aether_operator_drifts_repeated_total",
            "Repairs of a world that was repaired in the same store less than an hour before.",
            ["store"]);
        _failures = metrics.CreateCounter(
            "aether_operator_store_failures_total",
            "Reconciles of a world in which a store did not reach its desired state.",
            ["store", "reason"]);
        foreach (var store in Stores)
        {
            _drifts.WithLabels(store.Display);
            _repeated.WithLabels(store.Display);
            foreach (var reason in StoreReasons.Failures)
                _failures.WithLabels(store.Display, reason.ToString());
        }
    }

    public void DriftRepaired(StoreName store, string world, int count)
    {
        _drifts.WithLabels(store.Display).Inc(count);
        if (_repairs.Remember(world, store))
            _repeated.WithLabels(store.Display).Inc();
    }

    public void StoreFailed(StoreName store, StoreReason reason) =>
        _failures.WithLabels(store.Display, reason.ToString()).Inc();
}
