using Aether.Operator.Kinds;

namespace Aether.Operator.LiveStatus;

/// <summary>The phase of a world whose stores are as they should be.</summary>
internal static class LivePhase
{
    /// <summary>What its agent does; Ready where there is none.</summary>
    public static string Of(string? agentPhase) =>
        agentPhase is null or nameof(WorldAgentPhase.Stopped) ? nameof(WorldPhase.Ready) : agentPhase;
}
