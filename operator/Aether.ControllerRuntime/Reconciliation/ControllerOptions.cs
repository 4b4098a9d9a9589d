using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Settings of a controller.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record ControllerOptions<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The name in logs and metrics. Default: the plural of the kind.</summary>
    public string Name { get; init; } = EntityKind.Of<TEntity>().Plural;

    /// <summary>How many objects are reconciled at the same time. Default: 4.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Delay after the first failure of an object; doubles with each further failure. Default: 5 ms.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Longest delay between retries of a failing object. Default: 5 minutes.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How often every object is reconciled although nothing changed, give or take a tenth; zero for never. The objects
    /// come from the cache, not from the API server. Default: 10 minutes.
    /// </summary>
    public TimeSpan ResyncInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Selects the changes that trigger a reconcile. Default: all except changes of the status alone, such as the
    /// controller's own.
    /// </summary>
    public Func<EntityChange<TEntity>, bool> Filter { get; init; } = ChangeFilters.MoreThanStatus;

    /// <summary>Selects and indexes the objects to cache.</summary>
    public CacheOptions<TEntity> Cache { get; init; } = new();
}
