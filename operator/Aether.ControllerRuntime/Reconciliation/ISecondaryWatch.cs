using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Maps changes of another kind to keys of <typeparamref name="TEntity"/>.</summary>
internal interface ISecondaryWatch<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Completes when the other kind's first list has been read.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Queues the keys that each change concerns, until disposed.</summary>
    IDisposable Subscribe(IEntityCache<TEntity> entities, Action<ObjectKey> enqueue);
}
