namespace Aether.Persistence.Contracts;

/// <summary>When a commit is acknowledged. Ordered: a later level includes the earlier ones.</summary>
public enum Durability
{
    /// <summary>Applied to the agent's memory; lost with the agent.</summary>
    Memory = 1,

    /// <summary>As <see cref="Memory"/>, and on disk within the flush interval.</summary>
    Batched = 2,

    /// <summary>Synced to this volume.</summary>
    Fsync = 3,

    /// <summary>Synced to this volume and stored in the journal.</summary>
    Replicated = 4,
}
