using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime;

/// <summary>Registers the caches and controllers of a process.</summary>
public class OperatorBuilder
{
    internal OperatorBuilder(IServiceCollection services)
    {
        Services = services;
    }

    /// <summary>The services to register in.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Caches a kind that no controller of this process reconciles, for reads through <see
    /// cref="IEntityCache{TEntity}"/> and for secondary watches. A kind is cached once.
    /// </summary>
    public OperatorBuilder AddCache<TEntity>(
        Func<CacheOptions<TEntity>, CacheOptions<TEntity>>? configure = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var options = new CacheOptions<TEntity>();
        Register(configure?.Invoke(options) ?? options);
        return this;
    }

    /// <summary>Runs a controller for all objects of a kind while this process leads.</summary>
    public ControllerBuilder<TEntity> AddController<TController, TEntity>(
        Func<ControllerOptions<TEntity>, ControllerOptions<TEntity>>? configure = null)
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var options = new ControllerOptions<TEntity>();
        options = configure?.Invoke(options) ?? options;
        Register(options.Cache);
        Services.AddSingleton(options);
        Services.AddSingleton<TController>();
        Services.AddSingleton<IEntityController<TEntity>>(services => services.GetRequiredService<TController>());
        Services.AddSingleton<Reconciler<TEntity>>();
        Services.AddSingleton<IControllerLoop, Controller<TEntity>>();
        return new ControllerBuilder<TEntity>(Services);
    }

    /// <summary>Adds a finalizer; the finalizers of a kind run in order of registration.</summary>
    /// <param name="identifier">The entry in <c>metadata.finalizers</c>, such as <c>example.dev/stores</c>.</param>
    public OperatorBuilder AddFinalizer<TFinalizer, TEntity>(string identifier)
        where TFinalizer : class, IEntityFinalizer<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentException.ThrowIfNullOrEmpty(identifier);
        Services.AddSingleton<TFinalizer>();
        Services.AddSingleton(services => new FinalizerRegistration<TEntity>(
            identifier, services.GetRequiredService<TFinalizer>()));
        return this;
    }

    /// <summary>Runs a loop beside the controllers while this process leads.</summary>
    public OperatorBuilder AddLeaderLoop<TLoop>()
        where TLoop : class, ILeaderLoop
    {
        Services.AddSingleton<TLoop>();
        Services.AddSingleton<IControllerLoop>(services => new LeaderLoop(services.GetRequiredService<TLoop>()));
        return this;
    }

    internal bool Caches<TEntity>()
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        Services.Any(service => service.ServiceType == typeof(CacheOptions<TEntity>));

    private void Register<TEntity>(CacheOptions<TEntity> options)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (Caches<TEntity>())
        {
            throw new InvalidOperationException(
                $"{EntityKind.Of<TEntity>().Kind} is already cached. Add its controller or cache once, and before "
                + "watches of it.");
        }

        Services.AddSingleton(options);
        Services.AddSingleton<EntityCache<TEntity>>();
        Services.AddSingleton<IEntityCache<TEntity>>(services => services.GetRequiredService<EntityCache<TEntity>>());
        Services.AddSingleton<ICacheLoop>(services => services.GetRequiredService<EntityCache<TEntity>>());
    }
}
