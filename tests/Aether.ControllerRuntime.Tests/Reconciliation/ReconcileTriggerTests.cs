using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime.Tests.Reconciliation;

public sealed class ReconcileTriggerTests(Cluster cluster)
{
    private readonly WidgetController _controller = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requested_object_is_reconciled_though_it_has_not_changed_and_others_are_not()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        foreach (var name in new[] { "w", "other" })
        {
            await host.Objects.CreateAsync(Widget.Named(space, name), Cancellation);
            await _controller.NextReconcileAsync();
        }

        Trigger(host).Add(new ObjectKey(space, "w"));
        var second = await _controller.NextReconcileAsync();

        Assert.Equal("w", second.Metadata.Name);
        Assert.Equal(0, _controller.WaitingReconciles);
    }

    [Fact]
    public async Task Request_during_a_reconcile_is_followed_by_another()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _controller.OnReconcile = async (widget, _) =>
        {
            entered.TrySetResult();
            await leave.Task;
            return ReconciliationResult<Widget>.Success(widget);
        };
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await entered.Task.WaitAsync(Cancellation);

        Trigger(host).Add(new ObjectKey(space, "w"));
        Trigger(host).Add(new ObjectKey(space, "w"));
        leave.SetResult();
        await _controller.NextReconcileAsync();
        await _controller.NextReconcileAsync();
        await host.StopAsync();

        Assert.Equal(0, _controller.WaitingReconciles);
    }

    [Fact]
    public async Task Requested_object_that_does_not_exist_is_ignored()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);

        Trigger(host).Add(new ObjectKey(space, "gone"));
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);

        Assert.Equal("w", (await _controller.NextReconcileAsync()).Metadata.Name);
    }

    [Fact, Trait("Kind", "Unit")]
    public void Requests_are_dropped_while_no_controller_runs()
    {
        var trigger = new ReconcileTrigger<Widget>();
        ISecondaryWatch<Widget> watch = trigger;
        var queued = new List<ObjectKey>();
        var key = new ObjectKey("space", "w");

        trigger.Add(key);
        using (watch.Subscribe(null!, queued.Add))
            trigger.Add(key);
        trigger.Add(key);

        Assert.Equal([key], queued);
    }

    private static ReconcileTrigger<Widget> Trigger(RuntimeHost host) =>
        host.Services.GetRequiredService<ReconcileTrigger<Widget>>();

    private Task<RuntimeHost> StartAsync(string space) => RuntimeHost.StartAsync(cluster, runtime =>
    {
        runtime.AddController<WidgetController, Widget>(options => options with
        {
            Cache = new CacheOptions<Widget> { Namespaces = [space] },
        }).AddTrigger();
        runtime.Services.AddSingleton(_controller);
    });
}
