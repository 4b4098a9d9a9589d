using System.Reflection;
using Aether.ControllerRuntime;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Aether.Operator.Hosting;

/// <summary>
/// Exports the operator's spans by OTLP if OpenTelemetry's standard variables name an endpoint. Otherwise there is no
/// exporter and no listener, so no span is created.
/// </summary>
internal static class TraceExport
{
    private const string ServiceName = "aether-operator";

    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    public static void AddTraceExport(this WebApplicationBuilder builder)
    {
        if (Endpoints.All(name => string.IsNullOrEmpty(builder.Configuration[name])))
            return;

        // The variables are read last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override this name.
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(ServiceName, serviceVersion: Version())
                .AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing.AddSource(ReconcileScope.SourceName).AddOtlpExporter());
    }

    private static string? Version() => typeof(TraceExport).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
