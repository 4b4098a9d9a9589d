namespace Aether.Client;

/// <summary>When a commit is acknowledged. Each level includes the ones before it.</summary>
public enum WorldDurability
{
    /// <summary>The level that the world's <c>spec.wal.defaultDurability</c> names.</summary>
    WorldDefault = 0,

    /// <summary>The agent has the commit in memory.</summary>
    Memory = 1,

    /// <summary>As <see cref="Memory"/>; the commit is on disk within the flush interval.</summary>
    Batched = 2,

    /// <summary>The commit is synced to the pod's WAL volume.</summary>
    Fsync = 3,

    /// <summary>The commit is on the WAL volume and in the journal.</summary>
    Replicated = 4,
}
