namespace Aether.Operator.Kinds;

/// <summary>What keeps the worlds of one Redis apart.</summary>
internal enum RedisIsolation
{
    /// <summary>An ACL user for each world, which reaches nothing but the world's keys.</summary>
    PerWorldUser,

    /// <summary>
    /// One user for all: worlds keep to their prefix, and nothing but their agents' good conduct makes them. For
    /// servers that have no ACL users, or let nobody make any.
    /// </summary>
    SharedUser,
}
