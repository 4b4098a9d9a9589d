using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Cleans up after an object before the API server may drop it.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <remarks>
/// The controller puts the identifier on every object of the kind before its first pass. Once the object is being
/// deleted, finalizers run one after the other in order of registration; an identifier is removed when its
/// finalizer returns <see cref="ReconcileResult.Done"/>, and only then does the next one run.
/// </remarks>
public interface IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The entry in <c>metadata.finalizers</c>, such as <c>example.dev/stores</c>.</summary>
    string Identifier { get; }

    /// <summary>One attempt to clean up. It must be safe to repeat at any point.</summary>
    Task<ReconcileResult> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
