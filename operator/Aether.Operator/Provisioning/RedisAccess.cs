using Aether.Operator.Kinds;
using Aether.Persistence.Sentinels;

namespace Aether.Operator.Provisioning;

/// <summary>Where Redis is and who administers it. Not a record, so that nothing prints it.</summary>
internal sealed class RedisAccess
{
    /// <summary>The user that connections without one get.</summary>
    public const string DefaultUser = "default";

    /// <summary><c>host:port</c>, or, where sentinels know it, the words for that.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The sentinels that know the primary; null: it is at <see cref="Endpoint"/>.</summary>
    public SentinelOptions? Sentinel { get; init; }

    public required bool Tls { get; init; }

    /// <summary>CAs and client certificates.</summary>
    public StoreCertificates Certificates { get; init; } = StoreCertificates.None;

    /// <summary>What keeps worlds apart.</summary>
    public RedisIsolation Isolation { get; init; } = RedisIsolation.PerWorldUser;

    /// <summary>User; null where the server asks for none.</summary>
    public required string? Username { get; init; }

    public required string? Password { get; init; }
}
