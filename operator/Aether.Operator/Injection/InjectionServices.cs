using Aether.ControllerRuntime.Admission;
using Aether.Operator.Kinds;

namespace Aether.Operator.Injection;

/// <summary>Registers injection in the operator.</summary>
internal static class InjectionServices
{
    /// <summary>Registers the webhook's services. The cache of worlds must be registered by their controller.</summary>
    public static IServiceCollection AddInjection(this IServiceCollection services, InjectionOptions options) =>
        services.AddSingleton(options).AddSingleton<InjectionMetrics>();

    /// <summary>Serves the webhook.</summary>
    public static IEndpointConventionBuilder MapInjection(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMutationWebhook<PodWebhook, WorldPod>(PodWebhook.Path);
}
