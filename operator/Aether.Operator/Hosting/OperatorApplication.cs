using System.Net;
using Aether.Operator.Certificates;
using Aether.Operator.Injection;
using Aether.Operator.Metrics;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;
using Prometheus;

namespace Aether.Operator.Hosting;

/// <summary>Builds the operator's process, also for tests.</summary>
internal static class OperatorApplication
{
    public static WebApplication Build(string[] args)
    {
        // Do not watch settings files: the image has none, and a watch needs an inotify instance, which a node may be
        // out of.
        var builder = WebApplication.CreateSlimBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
        builder.Configuration.AddCommandLine(args, new Dictionary<string, string>
        {
            ["--kubeconfig"] = $"{OperatorOptions.Section}:{nameof(OperatorOptions.Kubeconfig)}",
        });
        ConfigureLogging(builder);
        // Without the filter, a line for each probe and each pod would bury the operator's own log entries.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        var options = OperatorOptions.Read(builder.Configuration);

        builder.Services.AddOperator(options);
        builder.AddTraceExport();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPEndPoint.Parse(options.HealthAddress));
            kestrel.Listen(IPEndPoint.Parse(options.WebhookAddress), listen => listen.UseServingCertificate());
        });

        var app = builder.Build();
        var replica = app.Services.GetRequiredService<ReplicaMetrics>();
        app.Services.GetRequiredService<CollectorRegistry>().AddBeforeCollectCallback(replica.Update);
        // Decide by the connection, not by the Host header: the client can set that to anything, and behind a Service
        // or a forwarded port it names another port.
        app.MapWhen(context => context.Request.IsHttps, tls => Serve(tls, endpoints => endpoints.MapInjection()));
        app.MapWhen(context => !context.Request.IsHttps, plain => Serve(plain, endpoints => endpoints.MapHealth()));
        return app;
    }

    // These are defaults, which the section Logging:Console overrides, for instance with the JSON format for log
    // collectors.
    private static void ConfigureLogging(WebApplicationBuilder builder)
    {
        const string console = "Logging:Console";
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                [$"{console}:FormatterName"] = ConsoleFormatterNames.Simple,
                [$"{console}:FormatterOptions:SingleLine"] = "true",
                [$"{console}:FormatterOptions:UseUtcTimestamp"] = "true",
                [$"{console}:FormatterOptions:TimestampFormat"] = "yyyy-MM-ddTHH:mm:ss.fffZ ",
            },
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(
            options => options.FormatterName = builder.Configuration[$"{console}:FormatterName"]);
        // Only in JSON, where a scope is a searchable field. In text it would repeat what most entries say.
        builder.Services.PostConfigure<JsonConsoleFormatterOptions>(json =>
        {
            json.IncludeScopes = true;
            json.TimestampFormat = json.TimestampFormat?.TrimEnd();
        });
    }

    private static void Serve(IApplicationBuilder branch, Action<IEndpointRouteBuilder> map) =>
        branch.UseRouting().UseEndpoints(map);
}
