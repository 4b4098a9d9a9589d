using System.Diagnostics;
using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Hosting;
using Aether.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace Aether.Operator.Tests;

[Trait("Kind", "Unit")]
public sealed class TraceExportTests
{
    private const string SpanName = "reconcile of this test";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_of_reconciles_go_to_the_endpoint_that_the_variables_of_OpenTelemetry_name()
    {
        var received = new TaskCompletionSource<(string Path, byte[] Body)>();
        await using var collector = await CollectorAsync(received);
        await using var app = Build(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        await app.StartAsync(Stop);

        using (var source = new ActivitySource(ReconcileScope.SourceName))
            source.StartActivity(SpanName)!.Dispose();
        Assert.True(app.Services.GetRequiredService<TracerProvider>().ForceFlush((int)Patience.TotalMilliseconds));

        var (path, body) = await received.Task.WaitAsync(Patience, TimeProvider.System, Stop);
        Assert.Equal("/v1/traces", path);
        Assert.Contains("aether-operator", Encoding.Latin1.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operator_without_an_endpoint_has_no_tracing()
    {
        await using var app = Build();

        Assert.Null(app.Services.GetService<TracerProvider>());
    }

    private static WebApplication Build(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(
            setting => setting.Name, string? (setting) => setting.Value));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddTraceExport();
        return builder.Build();
    }

    private static async Task<WebApplication> CollectorAsync(TaskCompletionSource<(string Path, byte[] Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{FreePort.Next()}");
        var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            // Other tests of this process reconcile, too.
            if (Encoding.Latin1.GetString(body.ToArray()).Contains(SpanName, StringComparison.Ordinal))
                received.TrySetResult((context.Request.Path, body.ToArray()));
        });
        await collector.StartAsync(Stop);
        return collector;
    }
}
