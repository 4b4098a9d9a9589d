namespace Aether.Operator.Kinds;

/// <summary>A claim that is created for the pod and deleted with it.</summary>
internal sealed class EphemeralVolumeSource
{
    public string? StorageClassName { get; set; }

    public string Size { get; set; } = "";
}
