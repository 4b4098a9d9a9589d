namespace Aether.Persistence.Contracts;

/// <summary>Where snapshots are stored.</summary>
public enum SnapshotStoreKind
{
    /// <summary>In the world's PostgreSQL schema.</summary>
    Postgres,

    /// <summary>In Redis, under the world's key prefix.</summary>
    Redis,

    /// <summary>On the world's log volume.</summary>
    Volume,
}
