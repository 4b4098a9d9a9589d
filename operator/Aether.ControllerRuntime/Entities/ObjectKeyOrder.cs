namespace Aether.ControllerRuntime;

/// <summary>Orders keys by namespace, then name, both by code unit.</summary>
internal sealed class ObjectKeyOrder : IComparer<ObjectKey>
{
    public static ObjectKeyOrder Instance { get; } = new();

    public int Compare(ObjectKey x, ObjectKey y)
    {
        var byNamespace = string.CompareOrdinal(x.Namespace, y.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(x.Name, y.Name);
    }
}
