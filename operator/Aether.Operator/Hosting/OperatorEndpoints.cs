using Aether.ControllerRuntime;
using Aether.Operator.Certificates;
using Aether.Operator.Kinds;
using Prometheus;

namespace Aether.Operator.Hosting;

/// <summary>Endpoints for the kubelet and Prometheus.</summary>
internal static class OperatorEndpoints
{
    /// <summary>
    /// /healthz succeeds while the process answers. /readyz succeeds once the process knows all worlds and the API
    /// server trusts its certificate, leader or not, so that every replica can serve webhooks. Also maps /metrics.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => Results.Text("ok\n"));
        endpoints.MapGet("/readyz", Ready);
        endpoints.MapMetrics(settings =>
            settings.Registry = endpoints.ServiceProvider.GetRequiredService<CollectorRegistry>());
    }

    private static IResult Ready(IEntityCache<WorldPersistence> worlds, IServingCertificate certificate) =>
        (worlds.HasSynced, certificate.IsReady) switch
        {
            (false, _) => NotReady("worlds are not listed yet\n"),
            (_, false) => NotReady("the serving certificate does not exist or is not trusted yet\n"),
            _ => Results.Text("ok\n"),
        };

    private static IResult NotReady(string reason) =>
        Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable);
}
