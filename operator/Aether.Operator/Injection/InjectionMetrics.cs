using Aether.ControllerRuntime.Admission;
using Prometheus;

namespace Aether.Operator.Injection;

/// <summary>Counts what the webhook answered.</summary>
internal sealed class InjectionMetrics(IMetricFactory metrics)
{
    private readonly Counter _requests = metrics.CreateCounter(
        "aether_injection_requests_total", "Pods of worlds, by what the webhook answered.", ["result"]);

    public void Count(AdmissionResult result) => _requests.WithLabels(result switch
    {
        { Denial: not null } => "refused",
        { Patch: not null } => "injected",
        _ => "unchanged",
    }).Inc();
}
