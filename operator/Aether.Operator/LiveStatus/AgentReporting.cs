using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The condition AgentReporting: whether a world's agent reports, and so whether the world's status is live.
/// </summary>
/// <param name="Status">Whether the agent reports.</param>
/// <param name="Reason">The reason, in CamelCase.</param>
/// <param name="Message">An explanation that says what to do.</param>
internal sealed record AgentReporting(ConditionStatus Status, string Reason, string Message)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "AgentReporting";

    /// <summary>The holder reports, or a pod that is about to become the holder.</summary>
    public const string ReasonReporting = "Reporting";

    /// <summary>The holder no longer reports and sent no final report.</summary>
    public const string ReasonSilent = "Silent";

    /// <summary>The holder released the world, and there is no agent.</summary>
    public const string ReasonStopped = "Stopped";

    /// <summary>
    /// As <see cref="ReasonStopped"/>, and acknowledged commits were lost: the message says which and why.
    /// </summary>
    public const string ReasonStoppedWithLoss = "StoppedWithLoss";

    /// <summary>The operator receives no reports through the backend.</summary>
    public const string ReasonUnavailable = "ReportsUnavailable";

    public static AgentReporting By(AgentReport report) => new(
        report.Phase is RuntimePhase.Failed or RuntimePhase.Fenced ? ConditionStatus.False : ConditionStatus.True,
        report.Phase is RuntimePhase.Failed or RuntimePhase.Fenced ? report.Phase.ToString() : ReasonReporting,
        (report.Detail.Length == 0
            ? $"Pod {report.Pod} reports."
            : $"Pod {report.Pod} is {report.Phase}: {report.Detail}") + OfSettings(report));

    private static string OfSettings(AgentReport report) => report switch
    {
        { SettingsProblem.Length: > 0 } =>
            $" It cannot use the changed settings yet and keeps the former ones: {report.SettingsProblem}",
        { NeedsRestart: true } => " Settings that it reads only at its start have changed: restart the pod.",
        _ => "",
    };

    public static AgentReporting Silent(string holder, string since) => new(
        ConditionStatus.False,
        ReasonSilent,
        $"Pod {holder}, which holds the world, has not reported since {since}. Check the pod and its network; "
        + "another pod can open the world once the lease has expired.");

    public static AgentReporting Stopped(AgentReport report) => report.Detail.Length == 0
        ? new(ConditionStatus.False, ReasonStopped,
            $"Pod {report.Pod} stopped and released the world; no other pod reports.")
        : new(ConditionStatus.False, ReasonStoppedWithLoss,
            $"Pod {report.Pod} stopped and released the world; no other pod reports. {report.Detail}");

    public static AgentReporting Unavailable(ChannelState channel) => new(
        ConditionStatus.Unknown,
        ReasonUnavailable,
        $"Reports of agents have not reached the operator since {LiveView.Text(channel.Since)}, so the status is not "
        + $"live. Worlds are not affected. {channel.Problem}");
}
