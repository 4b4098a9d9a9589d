using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// Ready and the phase of a world whose stores are as they should be. Ready then says that the world is served, or that
/// a pod with its label will serve it: not where its agent said that it cannot.
/// </summary>
internal static class WorldReadiness
{
    /// <summary>
    /// How long a failure counts without an agent that is heard: longer than the kubelet waits before it starts a
    /// container again. After that the pod is gone, and the next one may do better.
    /// </summary>
    public static readonly TimeSpan FailureHolds = TimeSpan.FromMinutes(10);

    /// <summary>Whether Ready says that the stores are as they should be.</summary>
    public static bool StoresAreReady(WorldPersistence world)
    {
        var ready = world.Status.Conditions?.FirstOrDefault(condition => condition.Type == WorldConditions.Ready);
        return ready is { Status: nameof(ConditionStatus.True) } or { Reason: nameof(WorldReason.AgentFailed) };
    }

    /// <summary>Sets both, by what the agent does and did.</summary>
    public static void Apply(WorldPersistence world, ConditionSet conditions, TimeProvider clock)
    {
        var status = world.Status;
        status.Phase = LivePhase.Of(status);
        if (status.AgentPhase == nameof(WorldAgentPhase.Failed))
        {
            conditions.Set(WorldConditions.Ready, ConditionStatus.False, WorldReason.AgentFailed,
                conditions.Find(AgentReporting.Type)?.Message ?? "The agent says that it cannot go on.");
        }
        else if (conditions.Find(WorldConditions.Ready) is { Reason: nameof(WorldReason.AgentFailed) } failed
            && Holds(status, failed.LastTransitionTime, clock))
        {
            // An agent that starts again, or waits for its next start, has not served anything yet.
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
