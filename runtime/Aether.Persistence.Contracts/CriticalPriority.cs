namespace Aether.Persistence.Contracts;

/// <summary>How important a kind of state is: a minimum for the durability of its commits.</summary>
public enum CriticalPriority
{
    /// <summary>At least <see cref="Durability.Batched"/>.</summary>
    Low = 1,

    /// <summary>At least <see cref="Durability.Fsync"/>.</summary>
    Medium = 2,

    /// <summary>At least <see cref="Durability.Replicated"/>.</summary>
    High = 3,
}
