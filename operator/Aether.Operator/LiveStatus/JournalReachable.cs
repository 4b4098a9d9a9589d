using System.Globalization;
using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>The condition JournalReachable: whether the writer's commits reach the journal.</summary>
/// <param name="Status">Whether they do.</param>
/// <param name="Reason">The reason, in CamelCase.</param>
/// <param name="Message">An explanation that says what to do.</param>
internal sealed record JournalReachable(ConditionStatus Status, string Reason, string Message)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "JournalReachable";

    /// <summary>The writer reaches the journal.</summary>
    public const string ReasonReachable = "Reachable";

    /// <summary>The journal has not answered the writer for longer than <see cref="Patience"/>.</summary>
    public const string ReasonUnreachable = "JournalUnreachable";

    /// <summary>The last writer stopped with commits that are not in the journal.</summary>
    public const string ReasonNotShipped = "CommitsNotShipped";

    /// <summary>
    /// How long an outage must last before it is shown. With reports every 5 s and a status written at most every 10 s,
    /// the condition appears within 30 s.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Whether the writer has been without its journal for longer than <see cref="Patience"/>.</summary>
    public static bool IsOut(AgentReport report) => report.JournalOutageSeconds >= Patience.TotalSeconds;

    /// <summary>The condition by the writer's last report; null if its agent does not report on the journal.</summary>
    /// <param name="report">The report.</param>
    /// <param name="volume">The kind of the log's volume, as in <c>status.profile.volume</c>.</param>
    public static JournalReachable? By(AgentReport report, string? volume)
    {
        if (report.JournalOutageSeconds is not { } seconds)
            return null;
        var commits = report.RpoCommits ?? 0;
        if (commits > 0 && report.Phase == RuntimePhase.Stopped)
            return new JournalReachable(
                ConditionStatus.False, ReasonNotShipped, NotShipped(report.Pod, commits, volume));
        return IsOut(report)
            ? new JournalReachable(ConditionStatus.False, ReasonUnreachable,
                $"Pod {report.Pod} has not reached the journal for {Since(seconds)}: "
                + $"{report.JournalProblem.TrimEnd('.')}. Commits that are only on its volume: {Text(commits)}. "
                + Fate(volume))
            : new JournalReachable(ConditionStatus.True, ReasonReachable, $"Pod {report.Pod} reaches the journal.");
    }

    private static string NotShipped(string pod, ulong commits, string? volume) =>
        $"Pod {pod} stopped with {Text(commits)} commits that are not in the journal. " + (DiesWithPod(volume)
            ? $"Its volume was of kind {volume} and is deleted with the pod: they are lost unless the pod still exists."
            : "They are on its volume: start the world's pod on it, and they are shipped.");

    private static string Fate(string? volume) => DiesWithPod(volume)
        ? $"The volume is of kind {volume} and is deleted with the pod: do not delete the pod before they are shipped."
        : "They are shipped once the journal answers.";

    private static bool DiesWithPod(string? volume) => volume is "emptyDir" or "ephemeral";

    private static string Since(double seconds) => seconds < 60 ? "15 s or more" : "a minute or more";

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
