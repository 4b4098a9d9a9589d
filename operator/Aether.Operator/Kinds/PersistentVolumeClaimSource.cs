namespace Aether.Operator.Kinds;

/// <summary>A claim that exists in the world's namespace; the log outlives the pod.</summary>
internal sealed class PersistentVolumeClaimSource
{
    public string ClaimName { get; set; } = "";
}
