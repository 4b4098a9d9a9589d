namespace Aether.Operator.Kinds;

/// <summary>A folder on the node, deleted with the pod.</summary>
internal sealed class EmptyDirSource
{
    public string? SizeLimit { get; set; }
}
