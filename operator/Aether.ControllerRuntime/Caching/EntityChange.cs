using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>A change of one cached object. Both sides are the handler's own copies.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="Kind">What happened.</param>
/// <param name="Before">The object as the cache had it; null when added.</param>
/// <param name="After">The object as the cache has it; null when deleted.</param>
public sealed record EntityChange<TEntity>(EntityChangeKind Kind, TEntity? Before, TEntity? After)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The newest known version of the object.</summary>
    public TEntity Entity => After ?? Before ?? throw new InvalidOperationException("A change needs an object.");

    /// <summary>The key of the object.</summary>
    public ObjectKey Key => ObjectKey.Of(Entity);
}
