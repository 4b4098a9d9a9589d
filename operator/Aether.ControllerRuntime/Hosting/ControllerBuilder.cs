using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime;

/// <summary>Adds watches to the controller that was just registered.</summary>
/// <typeparam name="TEntity">The kind it reconciles.</typeparam>
public sealed class ControllerBuilder<TEntity> : OperatorBuilder
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    internal ControllerBuilder(IServiceCollection services)
        : base(services)
    {
    }

    /// <summary>
    /// Reconciles objects when objects of another kind change. That kind is cached with default options unless <see
    /// cref="OperatorBuilder.AddCache"/> or a controller of its own registered it before.
    /// </summary>
    /// <param name="map">
    /// Returns the keys of the objects that a changed object concerns; receives the cache to find them in.
    /// </param>
    /// <param name="filter">
    /// Selects the changes that count. Default: <see cref="ChangeFilters.MoreThanStatus"/>.
    /// </param>
    public ControllerBuilder<TEntity> Watch<TOther>(
        Func<TOther, IEntityCache<TEntity>, IEnumerable<ObjectKey>> map,
        Func<EntityChange<TOther>, bool>? filter = null)
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        Watch(_ => map, filter);

    /// <summary>As the other overload, for a map that needs other services.</summary>
    /// <param name="map">Creates the map; called once.</param>
    /// <param name="filter">
    /// Selects the changes that count. Default: <see cref="ChangeFilters.MoreThanStatus"/>.
    /// </param>
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

    /// <summary>Lets services request reconciles through <see cref="ReconcileTrigger{TEntity}"/>.</summary>
    public ControllerBuilder<TEntity> AddTrigger()
    {
        Services.AddSingleton<ReconcileTrigger<TEntity>>();
        Services.AddSingleton<ISecondaryWatch<TEntity>>(
            services => services.GetRequiredService<ReconcileTrigger<TEntity>>());
        return this;
    }
}
