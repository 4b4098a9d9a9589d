using Prometheus;

namespace Aether.Operator.LiveStatus;

/// <summary>Counts agents' reports by result, and the status writes that they cause.</summary>
internal sealed class ReportMetrics
{
    private readonly Counter _reports;
    private readonly Counter _writes;

    public ReportMetrics(IMetricFactory metrics)
    {
        _reports = metrics.CreateCounter(
            "aether_operator_reports_total",
            "Reports of agents by result: taken, malformed, unknown_world, foreign or overtaken.",
            ["result"]);
        foreach (var refusal in (ReportRefusal?[])[null, .. Enum.GetValues<ReportRefusal>()])
            _reports.WithLabels(ResultOf(refusal));
        _writes = metrics.CreateCounter(
            "aether_operator_live_status_writes_total",
            "Status writes caused by agents' reports, or by missing reports.");
    }

    public void Received(ReportRefusal? refusal) => _reports.WithLabels(ResultOf(refusal)).Inc();

    public void Written() => _writes.Inc();

    private static string ResultOf(ReportRefusal? refusal) => refusal switch
    {
        null => "taken",
        ReportRefusal.Malformed => "malformed",
        ReportRefusal.UnknownWorld => "unknown_world",
        ReportRefusal.Foreign => "foreign",
        _ => "overtaken",
    };
}
