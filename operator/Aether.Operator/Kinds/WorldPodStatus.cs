namespace Aether.Operator.Kinds;

/// <summary>How a pod is.</summary>
internal sealed class WorldPodStatus
{
    public string? Phase { get; set; }
}
