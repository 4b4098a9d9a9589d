using System.Net;
using Aether.Operator.Certificates;
using Aether.Operator.Injection;
using Aether.Operator.Metrics;
using Prometheus;

namespace Aether.Operator;

/// <summary>The operator as a program, and as a test starts it.</summary>
internal static class OperatorApplication
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Configuration.AddCommandLine(args, new Dictionary<string, string>
        {
            ["--kubeconfig"] = $"{OperatorOptions.Section}:{nameof(OperatorOptions.Kubeconfig)}",
        });
        // A line for each probe and each pod would bury what the operator itself has to say.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        var options = OperatorOptions.Read(builder.Configuration);

        builder.Services.AddOperator(options);
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

    private static void Serve(IApplicationBuilder branch, Action<IEndpointRouteBuilder> map) =>
        branch.UseRouting().UseEndpoints(map);
}
