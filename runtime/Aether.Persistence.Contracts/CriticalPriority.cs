namespace Aether.Persistence.Contracts;

/// <summary>How much a kind of state matters; the durability of its commits is never weaker than that.</summary>
public enum CriticalPriority
{
    /// <summary>At least <see cref="Durability.Batched"/>.</summary>
    Low = 1,

    /// <summary>At least <see cref="Durability.Fsync"/>.</summary>
    Medium = 2,

    /// <summary>At least <see cref="Durability.Replicated"/>.</summary>
    High = 3,
}
