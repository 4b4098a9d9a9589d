using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Which object of a kind: a name, and a namespace unless the kind is cluster-scoped.</summary>
/// <param name="Namespace">The namespace; null for cluster-scoped kinds.</param>
/// <param name="Name">The name.</param>
public readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <summary>The key of an object that exists or is about to.</summary>
    public static ObjectKey Of(IMetadata<V1ObjectMeta> entity) =>
        new(entity.Metadata.NamespaceProperty, entity.Metadata.Name);

    /// <summary><c>namespace/name</c>, or <c>name</c> alone for cluster-scoped kinds.</summary>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
