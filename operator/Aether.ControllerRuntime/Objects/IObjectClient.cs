using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Reads and writes objects of any kind at the API server.</summary>
/// <remarks>
/// Failures are <see cref="ApiException"/>s. A write of a cached kind also tells the controllers which version to
/// wait for, so that no pass starts on a state older than this process's own last write.
/// </remarks>
public interface IObjectClient
{
    /// <summary>Reads one object; null if there is none.</summary>
    Task<TEntity?> TryGetAsync<TEntity>(ObjectKey key, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Reads all objects of a kind, page by page: of one namespace, or of all when it is null.</summary>
    Task<IReadOnlyList<TEntity>> ListAsync<TEntity>(
        string? @namespace, string? labelSelector, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Creates an object; <see cref="ApiException.IsAlreadyExists"/> if the name is taken.</summary>
    Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Replaces everything but the status; <see cref="ApiException.IsConflict"/> if the object's resourceVersion is
    /// not the newest. Fields that <typeparamref name="TEntity"/> does not know are lost: prefer a patch or
    /// <see cref="ApplyAsync"/> for objects with other writers.
    /// </summary>
    Task<TEntity> ReplaceAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Replaces the status alone; <see cref="ApiException.IsConflict"/> if the object's resourceVersion is not the
    /// newest.
    /// </summary>
    Task<TEntity> ReplaceStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Server-side apply: creates the object or sets the fields it holds, taking them over from other field managers.
    /// Fields applied earlier and now absent are removed. A resourceVersion in it must be the newest.
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

    /// <summary>
    /// Asks for an object's deletion, in the background for what it owns; false if it was already gone.
    /// </summary>
    /// <param name="key">Which object.</param>
    /// <param name="preconditions">UID and version it must have; null for any.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<bool> DeleteAsync<TEntity>(
        ObjectKey key, V1Preconditions? preconditions, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;
}
