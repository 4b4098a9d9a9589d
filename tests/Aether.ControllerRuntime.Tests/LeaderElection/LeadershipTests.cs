using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aether.ControllerRuntime.Tests.LeaderElection;

public sealed class LeadershipTests(Cluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Second_replica_serves_its_cache_and_starts_controllers_when_the_first_has_stopped()
    {
        var space = await cluster.NewNamespaceAsync();
        var (first, second) = (new WidgetController(), new WidgetController());
        await using var leader = await StartAsync(space, first, "a");
        await leader.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await first.NextReconcileAsync();
        await using var standby = await StartAsync(space, second, "b");
        var cache = standby.Services.GetRequiredService<IEntityCache<Widget>>();

        await cache.WaitForSyncAsync(Cancellation);
        Assert.True(cache.TryGet(new ObjectKey(space, "w"), out _));
        Assert.False(standby.Services.GetRequiredService<ILeadership>().IsLeader);
        Assert.Equal(0, second.WaitingReconciles);
        await leader.StopAsync();
        await second.NextReconcileAsync();

        Assert.True(standby.Services.GetRequiredService<ILeadership>().IsLeader);
        Assert.False(leader.Services.GetRequiredService<ILeadership>().IsLeader);
        Assert.Equal(0, Environment.ExitCode);
    }

    [Fact]
    public async Task Losing_the_lease_cancels_reconciles_and_ends_the_process_with_an_error()
    {
        var space = await cluster.NewNamespaceAsync();
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        var controller = new WidgetController
        {
            OnReconcile = async (widget, cancellationToken) =>
            {
                await using var registration = cancellationToken.Register(cancelled.SetResult);
                entered.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return ReconciliationResult<Widget>.Success(widget);
            },
        };
        await using var host = await StartAsync(space, controller, "a");
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await entered.Task.WaitAsync(Cancellation);
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var stopped = new TaskCompletionSource();
        await using var whenStopping = stopping.Register(stopped.SetResult);

        var usurped = new JsonPatch().Replace("/spec/holderIdentity", "usurper");
        await host.Objects.PatchAsync<V1Lease>(new ObjectKey(space, "lock"), usurped, Cancellation);
        await cancelled.Task.WaitAsync(Cancellation);
        await stopped.Task.WaitAsync(Cancellation);

        Assert.Equal(ControllerHost.FailureExitCode, Environment.ExitCode);
        Environment.ExitCode = 0;
        var lease = await host.Objects.TryGetAsync<V1Lease>(new ObjectKey(space, "lock"), Cancellation);
        Assert.Equal("usurper", lease!.Spec.HolderIdentity);
    }

    [Fact]
    public async Task Health_reports_an_empty_cache_and_then_readiness()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var silent = await ScriptedApi.StartAsync();
        var nowhere = new k8s.KubernetesClientConfiguration { Host = silent.Url };
        await using var empty = await RuntimeHost.StartAsync(
            cluster, runtime => runtime.AddCache<V1ConfigMap>(), connection: nowhere);
        var controller = new WidgetController();
        await using var filled = await StartAsync(space, controller, "a");
        await filled.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await controller.NextReconcileAsync();

        var waiting = await CheckAsync(empty);
        var ready = await CheckAsync(filled);

        Assert.Equal(HealthStatus.Unhealthy, waiting.Status);
        Assert.Equal("configmaps not yet listed", waiting.Entries["controllers"].Description);
        Assert.Equal(HealthStatus.Healthy, ready.Status);
    }

    private static Task<HealthReport> CheckAsync(RuntimeHost host) =>
        host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

    private Task<RuntimeHost> StartAsync(string space, WidgetController controller, string identity) =>
        RuntimeHost.StartAsync(
            cluster,
            runtime =>
            {
                runtime.AddController<WidgetController, Widget>(options => options with
                {
                    Cache = new CacheOptions<Widget> { Namespaces = [space] },
                });
                runtime.Services.AddSingleton(controller);
            },
            new OperatorSettings
            {
                Name = "test",
                LeaderElection = new LeaderElectionOptions
                {
                    Namespace = space,
                    Name = "lock",
                    Identity = identity,
                    RetryPeriod = TimeSpan.FromMilliseconds(200),
                },
            });
}
