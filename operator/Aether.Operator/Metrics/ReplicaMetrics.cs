using System.Reflection;
using Aether.Operator.Certificates;
using Prometheus;

namespace Aether.Operator.Metrics;

/// <summary>The version of this replica, and the expiry of its serving certificate.</summary>
internal sealed class ReplicaMetrics
{
    private readonly IServingCertificate _certificate;
    private readonly Gauge _expiry;

    public ReplicaMetrics(IMetricFactory metrics, IServingCertificate certificate)
    {
        _certificate = certificate;
        metrics.CreateGauge("aether_operator_info", "Always 1; the label has the operator's version.", ["version"])
            .WithLabels(Version())
            .Set(1);
        _expiry = metrics.CreateGauge(
            "aether_operator_certificate_expiry_timestamp_seconds",
            "When the webhook's certificate expires.",
            new GaugeConfiguration { SuppressInitialValue = true });
    }

    /// <summary>Updates the gauges.</summary>
    public void Update()
    {
        if (_certificate.Context is { } context)
            _expiry.Set(Validity.From(context.TargetCertificate).End.ToUnixTimeSeconds());
    }

    private static string Version() =>
        typeof(ReplicaMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "";
}
