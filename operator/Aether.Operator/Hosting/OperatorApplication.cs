using System.Net;
using Aether.Operator.Certificates;
using Aether.Operator.Injection;
using Aether.Operator.Metrics;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;
using Prometheus;

namespace Aether.Operator.Hosting;

/// <summary>The operator as a program, and as a test starts it.</summary>
internal static class OperatorApplication
{
    public static WebApplication Build(string[] args)
    {
        // Unwatched: the image has no settings file, and a watch takes an inotify instance, of which a node may be out.
        var builder = WebApplication.CreateSlimBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
        builder.Configuration.AddCommandLine(args, new Dictionary<string, string>
        {
            ["--kubeconfig"] = $"{OperatorOptions.Section}:{nameof(OperatorOptions.Kubeconfig)}",
        });
        ConfigureLogging(builder);
        // A line for each probe and each pod would bury what the operator itself has to say.
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
        // By the connection, and not by the Host header, which says whatever the client likes and, behind a Service or
        // a forwarded port, another port than this one.
        app.MapWhen(context => context.Request.IsHttps, tls => Serve(tls, endpoints => endpoints.MapInjection()));
        app.MapWhen(context => !context.Request.IsHttps, plain => Serve(plain, endpoints => endpoints.MapHealth()));
        return app;
    }

    // Defaults, which the section Logging:Console overrides: it also has a JSON format for those who collect logs.
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
        // Only in JSON: there a scope is a field to search by, while in text it would repeat what most entries say.
        builder.Services.PostConfigure<JsonConsoleFormatterOptions>(json =>
        {
            json.IncludeScopes = true;
            json.TimestampFormat = json.TimestampFormat?.TrimEnd();
        });
    }

    private static void Serve(IApplicationBuilder branch, Action<IEndpointRouteBuilder> map) =>
        branch.UseRouting().UseEndpoints(map);
}
