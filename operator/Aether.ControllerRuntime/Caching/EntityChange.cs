using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>A change of one cached object. All handlers share both of its sides, and so must not edit them.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed class EntityChange<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lazy<TEntity?> _before;
    private readonly Lazy<TEntity?> _after;

    /// <summary>A change between two objects, of which one is null if the object was added or deleted.</summary>
    public EntityChange(EntityChangeKind kind, TEntity? before, TEntity? after)
        : this(
            kind,
            ObjectKey.Of(after ?? before ?? throw new ArgumentException("A change needs an object.", nameof(after))),
            () => before,
            () => after)
    {
    }

    internal EntityChange(EntityChangeKind kind, ObjectKey key, Func<TEntity?> before, Func<TEntity?> after)
    {
        (Kind, Key) = (kind, key);
        _before = new Lazy<TEntity?>(before);
        _after = new Lazy<TEntity?>(after);
    }

    /// <summary>What happened.</summary>
    public EntityChangeKind Kind { get; }

    /// <summary>The key of the object.</summary>
    public ObjectKey Key { get; }

    /// <summary>The object as the cache had it, read when first asked for; null when added.</summary>
    public TEntity? Before => _before.Value;

    /// <summary>The object as the cache has it; null when deleted.</summary>
    public TEntity? After => _after.Value;

    /// <summary>The newest known version of the object.</summary>
    public TEntity Entity => (After ?? Before)!;
}
