using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Identifies an object of a kind by its name and, unless the kind is cluster-scoped, its namespace.</summary>
/// <param name="Namespace">The namespace; null for cluster-scoped kinds.</param>
/// <param name="Name">The name.</param>
public readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(IMetadata<V1ObjectMeta> entity) =>
        new(entity.Metadata.NamespaceProperty, entity.Metadata.Name);

    /// <summary><c>namespace/name</c>, or <c>name</c> alone for cluster-scoped kinds.</summary>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
