using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>The observed state of a world, as of <see cref="ObservedGeneration"/>.</summary>
internal sealed class WorldPersistenceStatus
{
    public long? ObservedGeneration { get; set; }

    [OneOf<WorldPhase>]
    public string? Phase { get; set; }

    public IList<V1Condition>? Conditions { get; set; }

    public WorldProfileStatus? Profile { get; set; }

    public WorldStoresStatus? Stores { get; set; }

    public string? Placement { get; set; }

    public WorldCredentialsStatus? Credentials { get; set; }

    public WorldDivergenceStatus? LastDivergence { get; set; }

    [OneOf<WorldAgentPhase>]
    public string? AgentPhase { get; set; }

    public long? Epoch { get; set; }

    public string? Holder { get; set; }

    public long? DurableSequence { get; set; }

    public long? ReplicatedSequence { get; set; }

    public string? Rpo { get; set; }

    public long? RpoSeconds { get; set; }

    public WorldSnapshotStatus? LastSnapshot { get; set; }

    public WorldAgentsStatus? Agents { get; set; }

    public string? ReportedAt { get; set; }

    /// <summary>Clears all fields about agents, which do not apply to a world that starts empty.</summary>
    public void ForgetAgents()
    {
        (AgentPhase, Epoch, Holder) = (null, null, null);
        (DurableSequence, ReplicatedSequence) = (null, null);
        (Rpo, RpoSeconds) = (null, null);
        (LastSnapshot, Agents, ReportedAt) = (null, null, null);
    }
}
