using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>A local, read-only view of the objects of a kind, kept current by list and watch.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <remarks>
/// Every returned object is the caller's own copy; those of a change are shared. The view lags behind the API server by
/// the delay of the watch, or by more while the connection is down. A caller that must not act on old state writes with
/// a resourceVersion.
/// </remarks>
public interface IEntityCache<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the first list has been read; stays true afterwards.</summary>
    bool HasSynced { get; }

    /// <summary>Completes when the first list has been read.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Finds one object by its key; false if the cache does not have it.</summary>
    bool TryGet(ObjectKey key, [NotNullWhen(true)] out TEntity? entity);

    /// <summary>
    /// Whether the cache contains this process's own last write of an object, or that write is older than 10 s.
    /// Otherwise, what <see cref="TryGet"/> returns may be older than this process's own last write.
    /// </summary>
    bool HasSeenOwnWrites(ObjectKey key) => true;

    /// <summary>All objects, or those of one namespace, ordered by key.</summary>
    IReadOnlyList<TEntity> List(string? @namespace = null);

    /// <summary>The objects with this value in an index of <see cref="CacheOptions{TEntity}.Indexes"/>.</summary>
    IReadOnlyList<TEntity> Find(string index, string value);

    /// <summary>
    /// Calls <paramref name="handler"/> for every present object as added, then for every later change in order, until
    /// disposed. The watch waits for the handler, which must queue its work and return.
    /// </summary>
    IDisposable Subscribe(Action<EntityChange<TEntity>> handler);
}
