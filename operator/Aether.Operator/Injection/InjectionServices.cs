using Aether.ControllerRuntime.Admission;
using Aether.Operator.Kinds;

namespace Aether.Operator.Injection;

/// <summary>Puts injection into the operator.</summary>
internal static class InjectionServices
{
    /// <summary>Adds the webhook; it reads worlds from the cache that their controller, or nobody else, adds.</summary>
    public static IServiceCollection AddInjection(this IServiceCollection services, InjectionOptions options) =>
        services.AddSingleton(options).AddSingleton<InjectionMetrics>();

    /// <summary>Serves the webhook.</summary>
    public static IEndpointConventionBuilder MapInjection(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMutationWebhook<PodWebhook, WorldPod>(PodWebhook.Path);
}
