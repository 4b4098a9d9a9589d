using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Cleans up after an object before the API server may drop it.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <remarks>
/// The identifier with which a finalizer is registered is put on every object of the kind before its first reconcile.
/// Once the object is being deleted, finalizers run one after the other in order of registration. An identifier is
/// removed when its finalizer returns a success, and only then does the next one run.
/// </remarks>
public interface IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// One attempt to clean up. It must be safe to repeat at any point. A failure keeps the object.
    /// </summary>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
