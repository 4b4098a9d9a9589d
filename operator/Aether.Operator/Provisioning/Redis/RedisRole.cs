namespace Aether.Operator.Provisioning.Redis;

/// <summary>What a Redis server says it is, in its INFO.</summary>
internal enum RedisRole
{
    /// <summary>A server of its own that takes writes, or one that does not say.</summary>
    Primary,

    /// <summary>A read-only copy of another.</summary>
    Replica,

    /// <summary>A member of a Redis Cluster.</summary>
    ClusterMember,

    /// <summary>A sentinel, which holds no data.</summary>
    Sentinel,
}
