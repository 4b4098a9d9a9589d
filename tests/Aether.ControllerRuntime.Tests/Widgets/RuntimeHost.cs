using Aether.ControllerRuntime.Tests.Servers;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aether.ControllerRuntime.Tests.Widgets;

/// <summary>A process with the runtime, as an operator would be, against the tests' API server.</summary>
internal sealed class RuntimeHost : IAsyncDisposable
{
    private readonly IHost _host;

    private RuntimeHost(IHost host)
    {
        _host = host;
    }

    public IServiceProvider Services => _host.Services;

    public IObjectClient Objects => Services.GetRequiredService<IObjectClient>();

    public static async Task<RuntimeHost> StartAsync(
        Cluster cluster,
        Action<OperatorBuilder> configure,
        OperatorSettings? options = null,
        KubernetesClientConfiguration? connection = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(connection ?? cluster.Admin());
        builder.Services.AddSingleton<IMetricFactory>(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        configure(builder.Services.AddKubernetesOperator(options ?? new OperatorSettings { Name = "test" }));
        var host = builder.Build();
        await host.StartAsync();
        return new RuntimeHost(host);
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
