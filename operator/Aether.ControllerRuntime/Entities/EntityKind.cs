using System.Reflection;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>A kind and its path at the API server, read from its <see cref="KubernetesEntityAttribute"/>.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version.</param>
/// <param name="Kind">Kind, in CamelCase.</param>
/// <param name="Plural">Name of the resource in paths.</param>
public sealed record EntityKind(string Group, string Version, string Kind, string Plural)
{
    /// <summary>Group and version as <c>apiVersion</c> writes them.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind that <typeparamref name="TEntity"/> declares.</summary>
    public static EntityKind Of<TEntity>()
        where TEntity : IKubernetesObject<V1ObjectMeta> => Of(typeof(TEntity));

    /// <summary>The kind that a type declares.</summary>
    public static EntityKind Of(Type entity)
    {
        var declared = entity.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new InvalidOperationException(
                $"{entity} has no [KubernetesEntity] attribute. Give it one with group, version, kind "
                + "and plural name.");
        return new EntityKind(declared.Group ?? "", declared.ApiVersion, declared.Kind, declared.PluralName);
    }

    /// <summary>Sets the object's apiVersion and kind, which the API server omits for the items of a list.</summary>
    internal TEntity Stamp<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        entity.ApiVersion = ApiVersion;
        entity.Kind = Kind;
        return entity;
    }

    /// <summary>The path of the collection in one namespace, or in all if the namespace is null.</summary>
    internal string CollectionPath(string? @namespace)
    {
        var root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        return @namespace is null
            ? $"{root}/{Plural}"
            : $"{root}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}";
    }

    /// <summary>The path of one object.</summary>
    internal string ObjectPath(ObjectKey key) =>
        $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
}
