using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime;

/// <summary>Says what else belongs to the controller just added.</summary>
/// <typeparam name="TEntity">The kind it reconciles.</typeparam>
public sealed class ControllerBuilder<TEntity> : OperatorBuilder
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    internal ControllerBuilder(IServiceCollection services)
        : base(services)
    {
    }

    /// <summary>
    /// Gives objects a pass when another kind's objects change. That kind is cached with default options unless
    /// <see cref="OperatorBuilder.AddCache"/> or a controller of its own came before.
    /// </summary>
    /// <param name="map">The keys of the objects that a changed one concerns; gets the cache to find them in.</param>
    /// <param name="filter">Which changes count. Default: <see cref="ChangeFilters.MoreThanStatus"/>.</param>
    public ControllerBuilder<TEntity> Watch<TOther>(
        Func<TOther, IEntityCache<TEntity>, IEnumerable<ObjectKey>> map,
        Func<EntityChange<TOther>, bool>? filter = null)
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        Watch(_ => map, filter);

    /// <summary>As the other overload, for a map that has to look things up elsewhere.</summary>
    /// <param name="map">Makes the map, once.</param>
    /// <param name="filter">Which changes count. Default: <see cref="ChangeFilters.MoreThanStatus"/>.</param>
    public ControllerBuilder<TEntity> Watch<TOther>(
        Func<IServiceProvider, Func<TOther, IEntityCache<TEntity>, IEnumerable<ObjectKey>>> map,
        Func<EntityChange<TOther>, bool>? filter = null)
        where TOther : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!Caches<TOther>())
            AddCache<TOther>();
        Services.AddSingleton<ISecondaryWatch<TEntity>>(services => new SecondaryWatch<TOther, TEntity>(
            services.GetRequiredService<IEntityCache<TOther>>(),
            map(services),
            filter ?? ChangeFilters.MoreThanStatus));
        return this;
    }
}
