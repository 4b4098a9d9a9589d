namespace Aether.Operator.Kinds;

/// <summary>What the log lies on: exactly one of these.</summary>
internal sealed class WalVolumeSpec
{
    public PersistentVolumeClaimSource? PersistentVolumeClaim { get; set; }

    public EphemeralVolumeSource? Ephemeral { get; set; }

    public EmptyDirSource? EmptyDir { get; set; }
}
