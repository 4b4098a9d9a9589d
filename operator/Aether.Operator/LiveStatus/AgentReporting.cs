using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>The condition that says whether a world's agent reports, and so whether its status is live.</summary>
/// <param name="Status">Whether it does.</param>
/// <param name="Reason">Why, in one word.</param>
/// <param name="Message">Why, in a sentence that says what to do.</param>
internal sealed record AgentReporting(ConditionStatus Status, string Reason, string Message)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "AgentReporting";

    /// <summary>The holder's reports come, or those of a pod that is about to become it.</summary>
    public const string ReasonReporting = "Reporting";

    /// <summary>The holder no longer reports, and sent no final report.</summary>
    public const string ReasonSilent = "Silent";

    /// <summary>The holder released the world, and there is no agent.</summary>
    public const string ReasonStopped = "Stopped";

    /// <summary>The same, and acknowledged commits ended with it: the message says which and why.</summary>
    public const string ReasonStoppedWithLoss = "StoppedWithLoss";

    /// <summary>The operator hears of no world of the backend.</summary>
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
        { NeedsRestart: true } => " Settings have changed that it reads at its start only: restart the pod.",
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
