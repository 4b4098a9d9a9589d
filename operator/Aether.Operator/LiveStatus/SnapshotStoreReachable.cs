using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The condition that says whether the snapshots of the agent that serves a world reach their store. The operator's own
/// connection may be fine while the agent's is not, and the other way round.
/// </summary>
/// <param name="Status">Whether they do.</param>
/// <param name="Reason">Why, in one word.</param>
/// <param name="Message">Why, in the agent's own words.</param>
internal sealed record SnapshotStoreReachable(ConditionStatus Status, string Reason, string Message)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "SnapshotStoreReachable";

    /// <summary>The last snapshot was stored, or none was due yet.</summary>
    public const string ReasonReachable = "Reachable";

    /// <summary>The store has not taken a snapshot for some seconds.</summary>
    public const string ReasonUnreachable = "SnapshotStoreUnreachable";

    public static SnapshotStoreReachable By(AgentReport report) => report.SnapshotProblem.Length == 0
        ? new(ConditionStatus.True, ReasonReachable, $"The store takes the snapshots of pod {report.Pod}.")
        : new(ConditionStatus.False, ReasonUnreachable,
            $"Pod {report.Pod} serves the world and cannot store snapshots: {report.SnapshotProblem}");
}
