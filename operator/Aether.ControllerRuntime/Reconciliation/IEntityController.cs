using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Brings the world in line with objects of one kind. One object is never in two passes at once.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// One pass over an object that is not being deleted. It must be safe to repeat at any point.
    /// </summary>
    /// <param name="entity">The pass's own copy, from the cache; at least as new as this process's last write.</param>
    /// <param name="cancellationToken">Cancelled when the process is told to stop.</param>
    Task<ReconcileResult> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>Called after an object is gone, to forget what was kept in memory about it.</summary>
    /// <remarks>Best effort: a deletion while no controller ran is not reported. Use a finalizer for musts.</remarks>
    Task DeletedAsync(ObjectKey key, CancellationToken cancellationToken) => Task.CompletedTask;
}
