using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>
/// Requests reconciles from outside the controller, such as for objects whose state elsewhere was found changed. While
/// the controller does not run, requests are dropped: it reconciles every object when it starts. Any thread may call.
/// </summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed class ReconcileTrigger<TEntity> : ISecondaryWatch<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private volatile Action<ObjectKey>? _enqueue;

    /// <summary>Queues an object. A key that waits for its reconcile already is not queued twice.</summary>
    public void Add(ObjectKey key) => _enqueue?.Invoke(key);

    Task ISecondaryWatch<TEntity>.WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    IDisposable ISecondaryWatch<TEntity>.Subscribe(IEntityCache<TEntity> entities, Action<ObjectKey> enqueue)
    {
        _enqueue = enqueue;
        return new Subscription(this);
    }

    private sealed class Subscription(ReconcileTrigger<TEntity> trigger) : IDisposable
    {
        public void Dispose() => trigger._enqueue = null;
    }
}
