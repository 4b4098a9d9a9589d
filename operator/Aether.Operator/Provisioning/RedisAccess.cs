using Aether.Operator.Kinds;
using Aether.Persistence.Sentinels;

namespace Aether.Operator.Provisioning;

/// <summary>Address and administrator of Redis. Not a record, so that its secrets are never printed.</summary>
internal sealed class RedisAccess
{
    /// <summary>The user of connections that name none.</summary>
    public const string DefaultUser = "default";

    /// <summary><c>host:port</c>; with sentinels, a description of them.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The sentinels that name the primary; null if it is at <see cref="Endpoint"/>.</summary>
    public SentinelOptions? Sentinel { get; init; }

    public required bool Tls { get; init; }

    /// <summary>CAs and client certificates.</summary>
    public StoreCertificates Certificates { get; init; } = StoreCertificates.None;

    /// <summary>How worlds are isolated from each other.</summary>
    public RedisIsolation Isolation { get; init; } = RedisIsolation.PerWorldUser;

    /// <summary>The user; null if the server needs none.</summary>
    public required string? Username { get; init; }

    public required string? Password { get; init; }
}
