using System.Collections.Immutable;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Which objects of a kind are cached, and how they can be looked up.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record CacheOptions<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// The namespaces to watch, each by a list and a watch of its own, which is all that rights in just these allow;
    /// none of them means all there are. Default: none.
    /// </summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Only objects with these labels, in the API server's notation; null takes all. Default: null.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with these fields, in the API server's notation; null takes all. Default: null.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>
    /// Functions by name that say under which values an object is filed for
    /// <see cref="IEntityCache{TEntity}.Find"/>. Default: none.
    /// </summary>
    public ImmutableDictionary<string, Func<TEntity, IEnumerable<string>>> Indexes { get; init; } =
        ImmutableDictionary<string, Func<TEntity, IEnumerable<string>>>.Empty;
}
