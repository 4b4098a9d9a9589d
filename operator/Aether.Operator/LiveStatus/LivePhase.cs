using Aether.Operator.Kinds;

namespace Aether.Operator.LiveStatus;

/// <summary>The phase of a world whose stores are ready.</summary>
internal static class LivePhase
{
    /// <summary>The agent's phase, or JournalUnreachable; Ready if there is no agent.</summary>
    public static string Of(WorldPersistenceStatus status) => status.AgentPhase switch
    {
        null or nameof(WorldAgentPhase.Stopped) => nameof(WorldPhase.Ready),
        nameof(WorldAgentPhase.Running) or nameof(WorldAgentPhase.Stopping) when IsWithoutJournal(status) =>
            nameof(WorldPhase.JournalUnreachable),
        var phase => phase,
    };

    private static bool IsWithoutJournal(WorldPersistenceStatus status) => status.Conditions?.Any(condition =>
        condition is { Type: JournalReachable.Type, Reason: JournalReachable.ReasonUnreachable }) == true;
}
