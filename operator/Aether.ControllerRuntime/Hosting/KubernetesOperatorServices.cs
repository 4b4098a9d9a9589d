using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prometheus;

namespace Aether.ControllerRuntime;

/// <summary>Registers the controller runtime in a host.</summary>
public static class KubernetesOperatorServices
{
    /// <summary>
    /// Adds the runtime; register controllers on the returned builder. The API server is the one of a <see
    /// cref="KubernetesClientConfiguration"/> that is already registered, otherwise the one that kubectl or the pod
    /// would use.
    /// </summary>
    public static OperatorBuilder AddKubernetesOperator(
        this IServiceCollection services, OperatorSettings settings)
    {
        settings.LeaderElection?.Validate();
        services.AddSingleton(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => KubernetesClientConfiguration.BuildDefaultConfig());
        services.TryAddSingleton(_ => new EnvironmentProxy(Environment.GetEnvironmentVariable));
        services.TryAddSingleton(provider => Connect(
            provider.GetRequiredService<KubernetesClientConfiguration>(),
            provider.GetRequiredService<EnvironmentProxy>(),
            settings.Name));
        services.AddSingleton<ApiTransport>();
        services.AddSingleton<OwnWrites>();
        services.AddSingleton<IObjectClient, ObjectClient>();
        services.TryAddSingleton<RandomSource>(_ => Random.Shared.NextDouble);
        services.TryAddSingleton<IMetricFactory>(_ => Metrics.DefaultFactory);
        services.AddSingleton<ControllerRuntimeMetrics>();
        services.AddSingleton<Leadership>();
        services.AddSingleton<ILeadership>(provider => provider.GetRequiredService<Leadership>());
        if (settings.LeaderElection is { } election)
            services.AddSingleton(election).AddSingleton<LeaderElector>();

        // Hosted services stop in reverse order, so the recorder still writes the events of the last reconciles.
        services.AddSingleton<EventRecorder>();
        services.AddSingleton<IEventRecorder>(provider => provider.GetRequiredService<EventRecorder>());
        services.AddHostedService(provider => provider.GetRequiredService<EventRecorder>());
        services.AddHostedService<ControllerHost>();
        services.AddHealthChecks().AddCheck<ControllerRuntimeHealthCheck>("controllers", tags: ["ready"]);
        return new OperatorBuilder(services);
    }

    private static Kubernetes Connect(
        KubernetesClientConfiguration configuration, EnvironmentProxy proxy, string name)
    {
        configuration.UserAgent = name;
        configuration.FirstMessageHandlerSetup += handler =>
        {
            // Pings detect a dead peer long before a watch's own deadline.
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
            // .NET's default proxy does not understand address ranges in NO_PROXY, which kubectl does.
            handler.Proxy = proxy;
        };
        return new Kubernetes(configuration);
    }
}
