using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The condition SnapshotStoreReachable: whether the serving agent can store snapshots. The agent's connection may fail
/// while the operator's works, and vice versa.
/// </summary>
/// <param name="Status">Whether it can.</param>
/// <param name="Reason">The reason, in CamelCase.</param>
/// <param name="Message">The agent's own explanation.</param>
internal sealed record SnapshotStoreReachable(ConditionStatus Status, string Reason, string Message)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "SnapshotStoreReachable";

    /// <summary>The last snapshot was stored, or none was due yet.</summary>
    public const string ReasonReachable = "Reachable";

    /// <summary>The store has not accepted a snapshot for some seconds.</summary>
    public const string ReasonUnreachable = "SnapshotStoreUnreachable";

    public static SnapshotStoreReachable By(AgentReport report) => report.SnapshotProblem.Length == 0
        ? new(ConditionStatus.True, ReasonReachable, $"The store accepts the snapshots of pod {report.Pod}.")
        : new(ConditionStatus.False, ReasonUnreachable,
            $"Pod {report.Pod} serves the world but cannot store snapshots: {report.SnapshotProblem}");
}
