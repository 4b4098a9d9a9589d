using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>A local, read-only view of the objects of a kind, kept current by list and watch.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <remarks>
/// Every object handed out is the caller's own copy. The view lags behind the API server by the watch's delay and,
/// while the connection is down, by more; whoever must not act on old state writes with a resourceVersion.
/// </remarks>
public interface IEntityCache<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the first list is in; stays true afterwards.</summary>
    bool HasSynced { get; }

    /// <summary>Completes when the first list is in.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Finds one object; false if the cache has none by that key.</summary>
    bool TryGet(ObjectKey key, [NotNullWhen(true)] out TEntity? entity);

    /// <summary>All objects, or those of one namespace, ordered by key.</summary>
    IReadOnlyList<TEntity> List(string? @namespace = null);

    /// <summary>The objects that an index of <see cref="CacheOptions{TEntity}.Indexes"/> files under a value.</summary>
    IReadOnlyList<TEntity> Find(string index, string value);

    /// <summary>
    /// Calls <paramref name="handler"/> for every later change, in the order of the watch, until disposed. Present
    /// objects come first, as added. The handler holds up the watch: it hands work over and returns.
    /// </summary>
    IDisposable Subscribe(Action<EntityChange<TEntity>> handler);
}
