using Aether.ControllerRuntime;
using Aether.Operator.Certificates;
using Aether.Operator.Kinds;
using Prometheus;

namespace Aether.Operator.Hosting;

/// <summary>What the operator answers to kubelet and Prometheus.</summary>
internal static class OperatorEndpoints
{
    /// <summary>
    /// /healthz as long as the process answers; /readyz once it knows all worlds and the API server trusts its
    /// certificate, leader or not, so that every replica can serve webhooks; /metrics.
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
            (_, false) => NotReady("the serving certificate is not there, or not trusted yet\n"),
            _ => Results.Text("ok\n"),
        };

    private static IResult NotReady(string reason) =>
        Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable);
}
