namespace Aether.Operator.Kinds;

/// <summary>A reference to a PersistenceBackend.</summary>
internal sealed class BackendReference
{
    public string Name { get; set; } = "default";
}
