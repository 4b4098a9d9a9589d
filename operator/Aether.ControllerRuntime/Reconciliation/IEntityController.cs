using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Reconciles objects of one kind. No object is ever in two reconciles at once.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// Reconciles an object that is not being deleted. It must be safe to repeat at any point.
    /// </summary>
    /// <param name="entity">
    /// A copy of the object from the cache; at least as new as this process's last write of it.
    /// </param>
    /// <param name="cancellationToken">Cancelled when the process is stopping and its drain timeout has passed.</param>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>Called after an object was deleted, so that in-memory data about it can be dropped.</summary>
    /// <remarks>
    /// Deletions while no controller ran are not reported. Cleanup that must happen needs a finalizer.
    /// </remarks>
    /// <param name="entity">A copy of the object as the cache last had it.</param>
    /// <param name="cancellationToken">Cancelled when the process is stopping and its drain timeout has passed.</param>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}
