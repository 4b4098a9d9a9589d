namespace Aether.Operator.Kinds;

/// <summary>Names a PersistenceBackend.</summary>
internal sealed class BackendReference
{
    public string Name { get; set; } = "default";
}
