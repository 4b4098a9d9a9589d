using Aether.ControllerRuntime;
using Aether.Operator.Certificates;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Metrics;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Provisioning.Redis;
using Aether.Operator.Reconciling;
using Aether.Operator.Resolving;
using Aether.Operator.Surveying;
using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;
using Prometheus;

namespace Aether.Operator.Hosting;

/// <summary>Registers the operator's services.</summary>
internal static class OperatorServices
{
    private const string ByBackend = "backend";

    /// <summary>Adds the controllers of both kinds, the webhook and their dependencies.</summary>
    public static OperatorBuilder AddOperator(this IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(options);
        services.AddMetrics(options);
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton<Shard>();
        services.AddSingleton<BackendRoom>();
        services.AddSingleton<BackendResolver>();
        services.AddSingleton<WorldSecret>();
        services.AddSingleton<WorldStores>();
        services.AddSingleton<OutcomeRecorder>();
        services.AddSingleton<NatsUserAssignment>();
        services.AddSingleton<CredentialRotation>();
        services.AddSingleton<ReportMetrics>();
        services.AddSingleton<LatestReports>();
        services.AddSingleton<ReportListeners>();
        services.AddSingleton<LiveEvents>();
        services.AddSingleton<StoreCircuits>();
        services.AddSingleton<StorePace>();
        services.AddSingleton<PostgresConnections>();
        services.AddSingleton<RedisConnections>();
        services.AddSingleton<NatsConnections>();
        services.AddStore<PostgresProvisioner>();
        services.AddStore<RedisProvisioner>();
        services.AddStore<NatsProvisioner>();
        if (options.Kubeconfig is { } file)
            services.AddSingleton(KubernetesClientConfiguration.BuildConfigFromConfigFile(file));

        var runtime = services.AddKubernetesOperator(new OperatorSettings
        {
            Name = OperatorNames.Operator,
            LeaderElection = options.LeaderElection
                ? new LeaderElectionOptions { Namespace = options.Namespace, Name = Shard.Lease(options.Shard) }
                : null,
        });
        services.AddInjection(new InjectionOptions
        {
            AgentImage = options.AgentImage,
            DefaultLimits = options.DefaultLimits,
            LogFormat = options.AgentLogFormat,
        });
        if (options.CertificateDirectory is { } folder)
            runtime.AddServingCertificate(new MountedCertificateOptions { Directory = folder });
        else
            runtime.AddServingCertificate(new CertificateOptions { Namespace = options.Namespace });
        runtime.AddCache<V1Secret>(cache => cache with { Namespaces = [options.Namespace] });
        runtime.AddCache<StoredSecret>(cache => cache with
        {
            Namespaces = options.WatchedNamespaces,
            LabelSelector = $"{StoredSecret.MakerLabel}={OperatorNames.Operator}",
        });
        runtime.AddBackends(options);
        runtime.AddCache<WorldPod>(cache => cache with
        {
            Namespaces = options.WatchedNamespaces,
            LabelSelector = AetherNames.WorldLabel,
            Indexes = cache.Indexes.Add(
                PodsWithoutAgent.ByWorld, pod => pod.World.Select(world => world.ToString())),
        });
        services.AddSingleton<DriftMetrics>();
        return runtime.AddWorlds(options).AddLeaderLoop<LiveStatusLoop>().AddLeaderLoop<DriftSurvey>();
    }

    /// <summary>Adds the provisioner of a kind of store.</summary>
    internal static void AddStore<TProvisioner>(this IServiceCollection services)
        where TProvisioner : class, IStoreProvisioner =>
        services.AddSingleton<IStoreProvisioner>(provider => new GuardedProvisioner(
            ActivatorUtilities.CreateInstance<TProvisioner>(provider),
            provider.GetRequiredService<StoreCircuits>(),
            provider.GetRequiredService<StorePace>()));

    // Use a registry of its own: the library's default one collects every meter of .NET and of the drivers, whose
    // labels are unbounded.
    private static void AddMetrics(this IServiceCollection services, OperatorOptions options)
    {
        var registry = global::Prometheus.Metrics.NewCustomRegistry();
        if (options.Shard.Length > 0)
            registry.SetStaticLabels(new Dictionary<string, string> { ["shard"] = options.Shard });
        DotNetStats.Register(registry);
        services.AddSingleton(registry);
        services.AddSingleton<IMetricFactory>(global::Prometheus.Metrics.WithCustomRegistry(registry));
        services.AddSingleton<ReplicaMetrics>();
        services.AddHostedService<WorldMetrics>();
    }

    private static void AddBackends(this OperatorBuilder runtime, OperatorOptions options) => runtime
        .AddController<PersistenceBackendReconciler, PersistenceBackend>(controller => Pace(controller, options) with
        {
            // Nothing else finds out that an idle backend has become unusable.
            ResyncInterval = options.DriftInterval,
            Cache = Indexed<PersistenceBackend>(BackendSecrets.Index, BackendSecrets.Of) with
            {
                LabelSelector = Shard.Selector(options.Shard),
            },
        })
        .Watch<V1Secret>(FindBackends);

    private static OperatorBuilder AddWorlds(
        this OperatorBuilder runtime, OperatorOptions options) => runtime
        .AddController<WorldPersistenceReconciler, WorldPersistence>(controller => Pace(controller, options) with
        {
            Cache = Indexed<WorldPersistence>(ByBackend, world => [world.Spec.BackendRef.Name]) with
            {
                Namespaces = options.WatchedNamespaces,
                LabelSelector = Shard.Selector(options.Shard),
            },
        })
        .Watch<WorldPod>(
            (pod, _) => pod.World,
            change => change.Before?.IsWithoutAgent == true || change.After?.IsWithoutAgent == true)
        // Not when one is added: the world's own reconcile has just created it.
        .Watch<StoredSecret>(
            (secret, _) => WorldSecret.WorldOf(secret), change => change.Kind != EntityChangeKind.Added)
        .Watch<PersistenceBackend>((backend, worlds) => FindWorlds(backend.Metadata.Name, worlds))
        .Watch<V1Secret>(services =>
        {
            var backends = services.GetRequiredService<IEntityCache<PersistenceBackend>>();
            return (secret, worlds) =>
                FindBackends(secret, backends).SelectMany(backend => FindWorlds(backend.Name, worlds));
        })
        .AddTrigger()
        .AddFinalizer<WorldFinalizer, WorldPersistence>(OperatorNames.StoresFinalizer);

    private static IEnumerable<ObjectKey> FindBackends(V1Secret secret, IEntityCache<PersistenceBackend> backends) =>
        backends.Find(BackendSecrets.Index, ObjectKey.Of(secret).ToString()).Select(ObjectKey.Of);

    private static IEnumerable<ObjectKey> FindWorlds(string backend, IEntityCache<WorldPersistence> worlds) =>
        worlds.Find(ByBackend, backend).Select(ObjectKey.Of);

    private static CacheOptions<TEntity> Indexed<TEntity>(string name, Func<TEntity, IEnumerable<string>> values)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var options = new CacheOptions<TEntity>();
        return options with { Indexes = options.Indexes.Add(name, values) };
    }

    private static ControllerOptions<TEntity> Pace<TEntity>(
        ControllerOptions<TEntity> controller, OperatorOptions options)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => controller with
        {
            Workers = options.Workers,
            ResyncInterval = options.ResyncInterval,
            BackoffBase = options.BackoffBase,
            BackoffLimit = options.BackoffLimit,
        };
}
