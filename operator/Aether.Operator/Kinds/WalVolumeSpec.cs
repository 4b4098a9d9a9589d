namespace Aether.Operator.Kinds;

/// <summary>The volume of the log: exactly one of these.</summary>
internal sealed class WalVolumeSpec
{
    public PersistentVolumeClaimSource? PersistentVolumeClaim { get; set; }

    public EphemeralVolumeSource? Ephemeral { get; set; }

    public EmptyDirSource? EmptyDir { get; set; }
}
