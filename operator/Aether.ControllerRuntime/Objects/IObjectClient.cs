using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Reads and writes objects of any kind at the API server.</summary>
/// <remarks>
/// Failures are <see cref="ApiException"/>s. After a write of a cached kind, controllers wait until the cache has seen
/// the written version, so that no reconcile starts on a state older than this process's last write.
/// </remarks>
public interface IObjectClient
{
    /// <summary>Reads one object; null if it does not exist.</summary>
    Task<TEntity?> TryGetAsync<TEntity>(ObjectKey key, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Reads all objects of a kind page by page, in one namespace or, if it is null, in all.</summary>
    Task<IReadOnlyList<TEntity>> ListAsync<TEntity>(
        string? @namespace, string? labelSelector, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Creates an object; <see cref="ApiException.IsAlreadyExists"/> if the name is taken.</summary>
    Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Replaces everything except the status; <see cref="ApiException.IsConflict"/> if the object's resourceVersion is
    /// not the newest. Fields unknown to <typeparamref name="TEntity"/> are lost: for objects with other writers,
    /// prefer a patch or <see cref="ApplyAsync"/>.
    /// </summary>
    Task<TEntity> ReplaceAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Replaces only the status; <see cref="ApiException.IsConflict"/> if the object's resourceVersion is not the
    /// newest.
    /// </summary>
    Task<TEntity> ReplaceStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Server-side apply: creates the object or sets its given fields, taking them over from other field managers.
    /// Fields that were applied earlier and are now absent are removed. A given resourceVersion must be the newest.
    /// </summary>
    Task<TEntity> ApplyAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Changes an object by a JSON patch.</summary>
    Task<TEntity> PatchAsync<TEntity>(ObjectKey key, JsonPatch patch, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Changes an object by a merge patch (RFC 7396).</summary>
    Task<TEntity> MergeAsync<TEntity>(
        ObjectKey key, System.Text.Json.Nodes.JsonObject patch, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Deletes an object, and in the background the objects it owns; false if it did not exist.</summary>
    /// <param name="key">The object.</param>
    /// <param name="preconditions">UID and version that the object must have; null for any.</param>
    /// <param name="cancellationToken">Cancels waiting for the answer.</param>
    Task<bool> DeleteAsync<TEntity>(
        ObjectKey key, V1Preconditions? preconditions, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;
}
