using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prometheus;

namespace Aether.ControllerRuntime;

/// <summary>Puts the runtime into a host.</summary>
public static class KubernetesOperatorServices
{
    /// <summary>
    /// Adds the runtime; controllers follow on what is returned. A <see cref="KubernetesClientConfiguration"/>
    /// registered before says how to reach the API server; else it is found as kubectl does, or in the pod.
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

        // Stopped in reverse order: what the last passes report is still written.
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
            // A peer that vanished without a goodbye is found out by pings, long before a watch's own deadline.
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
            // .NET's own reading of NO_PROXY knows no ranges of addresses, by which kubectl reaches the API server.
            handler.Proxy = proxy;
        };
        return new Kubernetes(configuration);
    }
}
