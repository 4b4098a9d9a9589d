using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>How a controller runs.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record ControllerOptions<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The name in logs and metrics. Default: the plural of the kind.</summary>
    public string Name { get; init; } = EntityKind.Of<TEntity>().Plural;

    /// <summary>How many objects are worked on at once. Default: 4.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Delay after the first failure of an object; doubles with each further one. Default: 5 ms.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Longest delay between tries of a failing object. Default: 5 minutes.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How often every object gets a pass although nothing changed, give or take a tenth; zero for never.
    /// Reads nothing from the API server. Default: 10 minutes.
    /// </summary>
    public TimeSpan ResyncInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Which changes call for a pass. Default: all but those of the status alone, among them the controller's own.
    /// </summary>
    public Func<EntityChange<TEntity>, bool> Filter { get; init; } = ChangeFilters.MoreThanStatus;

    /// <summary>Which objects, and their indexes.</summary>
    public CacheOptions<TEntity> Cache { get; init; } = new();
}
