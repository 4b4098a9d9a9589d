using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Cleans up after an object before the API server may remove it.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <remarks>
/// The runtime adds the finalizer's identifier to every object of the kind before the first reconcile. Once an object
/// is being deleted, its finalizers run one after another in order of registration. When a finalizer returns a success,
/// the runtime removes its identifier and runs the next one.
/// </remarks>
public interface IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Tries to clean up. It must be safe to repeat at any point. A failure keeps the object.</summary>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
