using k8s.Models;

namespace Aether.DevCluster.Nodes.Probes;

/// <summary>
/// The probes of one run of a container, as in a kubelet: first only the startup probe, until it has succeeded; then
/// readiness and liveness, each at its own period.
/// </summary>
internal sealed class ProbeSet(
    PodContext context, V1Container container, Action started, Action<bool> ready)
{
    /// <summary>Completes, with the reason, when the container must be restarted.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        if (container.StartupProbe is { } startup
            && await FirstAsync(startup, "startup", cancellationToken) is { } failure)
        {
            return failure;
        }

        started();
        if (container.ReadinessProbe is { } readiness)
        {
            var liveness = LivenessAsync(cancellationToken);
            await Task.WhenAny(liveness, FollowAsync(readiness, "readiness", ready, cancellationToken));
            return await liveness;
        }

        ready(true);
        return await LivenessAsync(cancellationToken);
    }

    private async Task<string?> FirstAsync(V1Probe probe, string purpose, CancellationToken cancellationToken)
    {
        string? verdict = null;
        await foreach (var result in AskAsync(probe, purpose, cancellationToken))
        {
            if (result.Passed)
                return null;
            if (result.Failed)
            {
                verdict = $"{purpose} probe failed {probe.FailureThreshold ?? 3} times: {result.Message}";
                break;
            }
        }

        return verdict;
    }

    private async Task<string> LivenessAsync(CancellationToken cancellationToken)
    {
        if (container.LivenessProbe is { } liveness)
        {
            await foreach (var result in AskAsync(liveness, "liveness", cancellationToken))
            {
                if (result.Failed)
                    return $"liveness probe failed {liveness.FailureThreshold ?? 3} times: {result.Message}";
            }
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, context.Options.Clock, cancellationToken);
        return "";
    }

    private async Task FollowAsync(
        V1Probe probe, string purpose, Action<bool> changed, CancellationToken cancellationToken)
    {
        await foreach (var result in AskAsync(probe, purpose, cancellationToken))
        {
            if (result.Passed)
                changed(true);
            else if (result.Failed)
                changed(false);
        }
    }

    /// <summary>One result per period; Passed or Failed is set only once the threshold is reached.</summary>
    private async IAsyncEnumerable<(bool Passed, bool Failed, string? Message)> AskAsync(
        V1Probe probe,
        string purpose,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var clock = context.Options.Clock;
        var check = new ProbeCheck(context, container, probe, purpose);
        if (probe.InitialDelaySeconds is > 0 and var delay)
            await Task.Delay(TimeSpan.FromSeconds(delay), clock, cancellationToken);
        using var period = new PeriodicTimer(TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10), clock);
        var (successes, failures) = (0, 0);
        do
        {
            var message = await check.AskAsync(cancellationToken);
            (successes, failures) = message is null ? (successes + 1, 0) : (0, failures + 1);
            yield return (
                successes >= (probe.SuccessThreshold ?? 1), failures >= (probe.FailureThreshold ?? 3), message);
        }
        while (await period.WaitForNextTickAsync(cancellationToken));
    }
}
