using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Turns changes of some other kind into keys of <typeparamref name="TEntity"/>.</summary>
internal interface ISecondaryWatch<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the other kind's first list is in.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Hands over the keys concerned by each change, until disposed.</summary>
    IDisposable Subscribe(IEntityCache<TEntity> entities, Action<ObjectKey> enqueue);
}
