using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// Ready and the phase of a world whose stores are ready. Ready then means that the world is served, or that a pod with
/// its label will serve it. It is false if the world's agent reported a failure.
/// </summary>
internal static class WorldReadiness
{
    /// <summary>
    /// How long a failure counts while no agent reports: longer than the kubelet waits before it restarts a container.
    /// After that the pod is gone, and the next one may succeed.
    /// </summary>
    public static readonly TimeSpan FailureHolds = TimeSpan.FromMinutes(10);

    /// <summary>Whether the condition Ready shows that the stores are ready.</summary>
    public static bool StoresAreReady(WorldPersistence world)
    {
        var ready = world.Status.Conditions?.FirstOrDefault(condition => condition.Type == WorldConditions.Ready);
        return ready is { Status: nameof(ConditionStatus.True) } or { Reason: nameof(WorldReason.AgentFailed) };
    }

    /// <summary>Sets both by the agent's current and past phases.</summary>
    public static void Apply(WorldPersistence world, ConditionSet conditions, TimeProvider clock)
    {
        var status = world.Status;
        status.Phase = LivePhase.Of(status);
        if (status.AgentPhase == nameof(WorldAgentPhase.Failed))
        {
            conditions.Set(WorldConditions.Ready, ConditionStatus.False, WorldReason.AgentFailed,
                conditions.Find(AgentReporting.Type)?.Message ?? "The agent reports that it cannot continue.");
        }
        else if (conditions.Find(WorldConditions.Ready) is { Reason: nameof(WorldReason.AgentFailed) } failed
            && Holds(status, failed.LastTransitionTime, clock))
        {
            // An agent that restarts, or waits for its restart, has not served anything yet.
            conditions.Set(WorldConditions.Ready, ConditionStatus.False, WorldReason.AgentFailed, failed.Message);
            if (status.Phase == nameof(WorldPhase.Ready))
                status.Phase = nameof(WorldPhase.Failed);
        }
        else
        {
            conditions.Set(WorldConditions.Ready, ConditionStatus.True, WorldReason.AllStoresReady,
                $"Label pods with {AetherNames.WorldLabel}={world.Metadata.Name}.");
        }
    }

    private static bool Holds(WorldPersistenceStatus status, DateTime? since, TimeProvider clock) =>
        status.AgentPhase switch
        {
            nameof(WorldAgentPhase.Running) or nameof(WorldAgentPhase.Stopping) or nameof(WorldAgentPhase.Stopped)
                or nameof(WorldAgentPhase.Fenced) => false,
            null or nameof(WorldAgentPhase.Silent) => clock.GetUtcNow().UtcDateTime - since < FailureHolds,
            _ => true,
        };
}
