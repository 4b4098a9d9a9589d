namespace Aether.Operator.Provisioning.Redis;

/// <summary>Whether a server has a file for its users.</summary>
internal enum UsersKept
{
    /// <summary>It has one.</summary>
    Yes,

    /// <summary>It has none, and forgets users when it restarts.</summary>
    No,

    /// <summary>It does not say: CONFIG is disabled, or not for this user.</summary>
    Unknown,
}
