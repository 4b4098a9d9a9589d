namespace Aether.Operator.Kinds;

/// <summary>The observed state of a pod.</summary>
internal sealed class WorldPodStatus
{
    public string? Phase { get; set; }
}
