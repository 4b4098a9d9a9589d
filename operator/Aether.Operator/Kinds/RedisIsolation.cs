namespace Aether.Operator.Kinds;

/// <summary>How the worlds of one Redis are isolated from each other.</summary>
internal enum RedisIsolation
{
    /// <summary>Each world has an ACL user that can access only the world's keys.</summary>
    PerWorldUser,

    /// <summary>
    /// All worlds share one user; only their agents confine them to their prefixes. For servers without ACL users, or
    /// without the right to create them.
    /// </summary>
    SharedUser,
}
