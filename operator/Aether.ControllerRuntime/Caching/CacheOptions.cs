using System.Collections.Immutable;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Selects the objects of a kind to cache, and indexes them.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record CacheOptions<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// The namespaces to list and watch, each separately, so that rights in these namespaces suffice. An empty list
    /// means all namespaces. Default: empty.
    /// </summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>A label selector in the API server's notation; null selects all objects. Default: null.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector in the API server's notation; null selects all objects. Default: null.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>
    /// Index functions by name. Each returns the values under which <see cref="IEntityCache{TEntity}.Find"/> finds an
    /// object. Default: none.
    /// </summary>
    public ImmutableDictionary<string, Func<TEntity, IEnumerable<string>>> Indexes { get; init; } =
        ImmutableDictionary<string, Func<TEntity, IEnumerable<string>>>.Empty;
}
