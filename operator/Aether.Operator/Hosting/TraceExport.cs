using System.Reflection;
using Aether.ControllerRuntime;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Aether.Operator.Hosting;

/// <summary>
/// Exports the operator's spans by OTLP, if the standard variables of OpenTelemetry name an endpoint. Without one there
/// is no exporter, no listener and so no span.
/// </summary>
internal static class TraceExport
{
    private const string ServiceName = "aether-operator";

    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    public static void AddTraceExport(this WebApplicationBuilder builder)
    {
        if (Endpoints.All(name => string.IsNullOrEmpty(builder.Configuration[name])))
            return;

        // The variables come last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over the name here.
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(ServiceName, serviceVersion: Version())
                .AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing.AddSource(ReconcileScope.SourceName).AddOtlpExporter());
    }

    private static string? Version() => typeof(TraceExport).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
