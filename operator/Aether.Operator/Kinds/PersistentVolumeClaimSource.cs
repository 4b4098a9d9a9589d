namespace Aether.Operator.Kinds;

/// <summary>An existing claim in the world's namespace; the log survives the pod.</summary>
internal sealed class PersistentVolumeClaimSource
{
    public string ClaimName { get; set; } = "";
}
