namespace Aether.Agent.Settings;

/// <summary>Where snapshots go.</summary>
internal enum SnapshotStoreKind
{
    /// <summary>The world's PostgreSQL schema.</summary>
    Postgres,

    /// <summary>The world's Redis keyspace.</summary>
    Redis,

    /// <summary>The folder of the log.</summary>
    Volume,
}
