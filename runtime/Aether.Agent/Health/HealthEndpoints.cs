using Aether.Agent.Json;
using Aether.Agent.Settings;
using Aether.Agent.Surfaces;
using Aether.Agent.Worlds;
using Aether.Persistence.Contracts;
using Prometheus;

namespace Aether.Agent.Health;

/// <summary>
/// /healthz: the process answers in every phase, so that no restart interrupts a recovery or a slow disk. /readyz: the
/// state is complete and served, which the startup probe checks. /metrics: Prometheus' text format.
/// </summary>
internal static class HealthEndpoints
{
    private const string MetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", context => ReportAsync(context, _ => true)).On(Surface.Health);
        app.MapGet("/readyz", context => ReportAsync(context, phase => phase == RuntimePhase.Running))
            .On(Surface.Health);
        app.MapGet("/metrics", ScrapeAsync).On(Surface.Health);
    }

    private static Task ReportAsync(HttpContext context, Func<RuntimePhase, bool> isWell)
    {
        var world = context.RequestServices.GetRequiredService<AgentOptions>().WorldName;
        var status = context.RequestServices.GetRequiredService<WorldStatus>().Current;
        context.Response.StatusCode =
            isWell(status.Phase) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(
            JsonMapping.ToHealth(world, status), AgentJson.Default.HealthReport, contentType: null,
            context.RequestAborted);
    }

    private static Task ScrapeAsync(HttpContext context)
    {
        context.Response.ContentType = MetricsContentType;
        return context.RequestServices.GetRequiredService<CollectorRegistry>()
            .CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
    }
}
