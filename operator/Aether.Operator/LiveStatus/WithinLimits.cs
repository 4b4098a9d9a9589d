using System.Globalization;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The condition WithinLimits: whether a world's state is below its quota and its journal is not too far behind. Beyond
/// the limits, commits are refused or wait.
/// </summary>
internal static class WithinLimits
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "WithinLimits";

    /// <summary>The state and the journal are within their limits.</summary>
    public const string ReasonWithin = "WithinLimits";

    /// <summary>The state has nearly reached its quota or the agent's memory.</summary>
    public const string ReasonStateNearlyFull = "StateNearlyFull";

    /// <summary>The journal is further behind than <c>spec.wal.maxLag</c> or, without that, than usual.</summary>
    public const string ReasonJournalBehind = "JournalBehind";

    private const double NearlyFull = 0.9;

    // For worlds without spec.wal.maxLag.
    private const long UsualLagBytes = 64L << 20;
    private static readonly TimeSpan UsualLagTime = TimeSpan.FromSeconds(30);

    /// <summary>The condition by the writer's last report.</summary>
    public static (ConditionStatus Status, string Reason, string Message) Of(AgentReport report, MaxLagSpec? maxLag)
    {
        if (JournalLag(report, maxLag) is { } behind)
            return (ConditionStatus.False, ReasonJournalBehind, behind);
        if (report is { StateUsedBytes: { } used, StateLimitBytes: { } limit } && used >= limit * NearlyFull)
            return (ConditionStatus.False, ReasonStateNearlyFull, string.Create(
                CultureInfo.InvariantCulture,
                $"The state of pod {report.Pod} uses {100.0 * used / limit:F0} % of {limit} bytes. At 100 %, commits "
                + $"that would let it grow are refused (RESOURCE_EXHAUSTED). Delete keys, or raise "
                + $"{report.StateLimitField}."));
        return (ConditionStatus.True, ReasonWithin, "The state and the journal are within their limits.");
    }

    private static string? JournalLag(AgentReport report, MaxLagSpec? maxLag)
    {
        if (report is not { RpoBytes: > 0 and var bytes, RpoSeconds: { } seconds })
            return null;
        var limited = maxLag is { Bytes: not null } or { Time: not null };
        var most = maxLag?.Bytes is { } size ? ByteSize.Parse(size) : limited ? long.MaxValue : UsualLagBytes;
        var longest = maxLag?.Time is { } time ? GoDuration.Parse(time) : limited ? TimeSpan.MaxValue : UsualLagTime;
        if (bytes <= most && seconds <= longest.TotalSeconds)
            return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{report.RpoCommits} commits of pod {report.Pod} ({bytes} bytes, the oldest {seconds:F0} s old) are not "
            + $"in the journal and would be lost with its volume. Check the journal's store and the agent's log. ")
            + (limited
                ? "Commits wait until it is within spec.wal.maxLag again."
                : "Set spec.wal.maxLag if commits should wait in this case.");
    }
}
