using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Maps changed objects of <typeparamref name="TOther"/> to keys of <typeparamref name="TEntity"/>.</summary>
internal sealed class SecondaryWatch<TOther, TEntity>(
    IEntityCache<TOther> others,
    Func<TOther, IEntityCache<TEntity>, IEnumerable<ObjectKey>> map,
    Func<EntityChange<TOther>, bool> filter) : ISecondaryWatch<TEntity>
    where TOther : class, IKubernetesObject<V1ObjectMeta>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => others.WaitForSyncAsync(cancellationToken);

    // Map both versions: if a reference was removed, only the old version names the object that it pointed at.
    public IDisposable Subscribe(IEntityCache<TEntity> entities, Action<ObjectKey> enqueue) =>
        others.Subscribe(change =>
        {
            if (!filter(change))
                return;

            var sides = new[] { change.Before, change.After }.OfType<TOther>();
            foreach (var key in sides.SelectMany(side => map(side, entities)).Distinct())
                enqueue(key);
        });
}
