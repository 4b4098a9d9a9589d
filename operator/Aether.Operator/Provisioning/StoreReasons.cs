namespace Aether.Operator.Provisioning;

/// <summary>Groups of <see cref="StoreReason"/>s.</summary>
internal static class StoreReasons
{
    /// <summary>Those of a condition that is False: all that a <see cref="ProvisioningException"/> can say.</summary>
    public static IReadOnlyList<StoreReason> Failures { get; } =
    [
        StoreReason.Unreachable, StoreReason.AuthenticationFailed, StoreReason.PermissionDenied,
        StoreReason.DatabaseNotFound, StoreReason.Refused, StoreReason.OwnedByAnother, StoreReason.SchemaLost,
        StoreReason.StreamLost, StoreReason.InvalidCredentials, StoreReason.ReadOnlyReplica,
        StoreReason.ClusterNotSupported, StoreReason.SentinelAddress, StoreReason.SentinelMasterUnknown,
        StoreReason.NoOwnCredentials, StoreReason.NotInBackend, StoreReason.ClientCertificateRefused,
    ];

    /// <summary>Those that no retry removes; a change of the world, its backend or the store does.</summary>
    public static IReadOnlySet<StoreReason> Lasting { get; } = new HashSet<StoreReason>
    {
        StoreReason.OwnedByAnother, StoreReason.SchemaLost, StoreReason.StreamLost, StoreReason.NotInBackend,
    };
}
