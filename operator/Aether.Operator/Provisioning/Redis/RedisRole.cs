namespace Aether.Operator.Provisioning.Redis;

/// <summary>The role that a Redis server reports in its INFO.</summary>
internal enum RedisRole
{
    /// <summary>A server that accepts writes or does not report its role.</summary>
    Primary,

    /// <summary>A read-only copy of another server.</summary>
    Replica,

    /// <summary>A member of a Redis Cluster.</summary>
    ClusterMember,

    /// <summary>A sentinel, which holds no data.</summary>
    Sentinel,
}
