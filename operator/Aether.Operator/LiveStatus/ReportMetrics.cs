using Prometheus;

namespace Aether.Operator.LiveStatus;

/// <summary>Counts what agents report, and what became of it.</summary>
internal sealed class ReportMetrics(IMetricFactory metrics)
{
    private readonly Counter _reports = metrics.CreateCounter(
        "aether_operator_reports_total",
        "Reports of agents by result: taken, malformed, unknown_world, foreign or overtaken.",
        ["result"]);

    private readonly Counter _writes = metrics.CreateCounter(
        "aether_operator_live_status_writes_total", "Statuses written because of what agents reported, or did not.");

    public void Heard(ReportRefusal? refusal) => _reports.WithLabels(refusal switch
    {
        null => "taken",
        ReportRefusal.Malformed => "malformed",
        ReportRefusal.UnknownWorld => "unknown_world",
        ReportRefusal.Foreign => "foreign",
        _ => "overtaken",
    }).Inc();

    public void Written() => _writes.Inc();
}
