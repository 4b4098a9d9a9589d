namespace Aether.Operator.Provisioning.Redis;

/// <summary>Whether a server persists its users in a file.</summary>
internal enum UserPersistence
{
    /// <summary>The server has a file for its users.</summary>
    File,

    /// <summary>The server has no such file, and loses its users when it restarts.</summary>
    None,

    /// <summary>The server does not tell: CONFIG is disabled, or not allowed for this user.</summary>
    Unknown,
}
