namespace Aether.Operator.Kinds;

/// <summary>A claim made for the pod and deleted with it.</summary>
internal sealed class EphemeralVolumeSource
{
    public string? StorageClassName { get; set; }

    public string Size { get; set; } = "";
}
