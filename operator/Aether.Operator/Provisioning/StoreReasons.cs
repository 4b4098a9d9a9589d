namespace Aether.Operator.Provisioning;

/// <summary>Groups of <see cref="StoreReason"/>s.</summary>
internal static class StoreReasons
{
    /// <summary>The reasons of a <see cref="ProvisioningException"/>: the condition is then False.</summary>
    public static IReadOnlyList<StoreReason> Failures { get; } =
    [
        StoreReason.Unreachable, StoreReason.AuthenticationFailed, StoreReason.PermissionDenied,
        StoreReason.DatabaseNotFound, StoreReason.Refused, StoreReason.OwnedByAnother, StoreReason.SchemaLost,
        StoreReason.StreamLost, StoreReason.InvalidCredentials, StoreReason.ReadOnlyReplica,
        StoreReason.ClusterNotSupported, StoreReason.SentinelAddress, StoreReason.SentinelMasterUnknown,
        StoreReason.NoOwnCredentials, StoreReason.NotInBackend, StoreReason.ClientCertificateRefused,
    ];

    /// <summary>The failures that no retry resolves, only a change of the world, its backend or the store.</summary>
    public static IReadOnlySet<StoreReason> Lasting { get; } = new HashSet<StoreReason>
    {
        StoreReason.OwnedByAnother, StoreReason.SchemaLost, StoreReason.StreamLost, StoreReason.NotInBackend,
    };
}
