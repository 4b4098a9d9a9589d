using Prometheus;

namespace Aether.Operator.Injection;

/// <summary>Counts the webhook's answers.</summary>
internal sealed class InjectionMetrics
{
    private readonly Counter _requests;
    private readonly Counter _refusals;

    public InjectionMetrics(IMetricFactory metrics)
    {
        _requests = metrics.CreateCounter(
            "aether_injection_requests_total", "Pods of worlds, by the webhook's answer.", ["result"]);
        foreach (var result in Enum.GetValues<InjectionAnswer>())
            _requests.WithLabels(NameOf(result));
        _refusals = metrics.CreateCounter(
            "aether_injection_refusals_total", "Refused pods of worlds, by reason.", ["reason"]);
        foreach (var reason in Enum.GetNames<PodRefusalReason>())
            _refusals.WithLabels(reason);
    }

    private enum InjectionAnswer
    {
        Injected,
        Unchanged,
        Refused,
        Error,
    }

    public void CountAllowed(bool isInjected) =>
        Count(isInjected ? InjectionAnswer.Injected : InjectionAnswer.Unchanged);

    public void Count(PodRefusal refusal)
    {
        Count(InjectionAnswer.Refused);
        _refusals.WithLabels(refusal.Reason.ToString()).Inc();
    }

    /// <summary>Counts a pod that the webhook failed to decide on.</summary>
    public void CountError() => Count(InjectionAnswer.Error);

    private void Count(InjectionAnswer answer) => _requests.WithLabels(NameOf(answer)).Inc();

    private static string NameOf(InjectionAnswer answer) => answer.ToString().ToLowerInvariant();
}
