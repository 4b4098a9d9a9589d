using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>
/// A gauge that is absent while its value is unknown: 0 would be a value, and NaN would spoil every sum.
/// </summary>
internal sealed class OptionalGauge(IMetricFactory factory, string name, string help)
{
    private readonly Gauge _gauge = factory.CreateGauge(
        name, help, new GaugeConfiguration { SuppressInitialValue = true });

    public void Set(double? value)
    {
        if (value is { } known)
            _gauge.Set(known);
        else
            _gauge.Unpublish();
    }
}
