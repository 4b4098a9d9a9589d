using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>How a world is, as of <see cref="ObservedGeneration"/>.</summary>
internal sealed class WorldPersistenceStatus
{
    public long? ObservedGeneration { get; set; }

    [OneOf<WorldPhase>]
    public string? Phase { get; set; }

    public IList<V1Condition>? Conditions { get; set; }

    public WorldProfileStatus? Profile { get; set; }

    public WorldStoresStatus? Stores { get; set; }

    public string? Placement { get; set; }

    public WorldDivergenceStatus? LastDivergence { get; set; }
}
