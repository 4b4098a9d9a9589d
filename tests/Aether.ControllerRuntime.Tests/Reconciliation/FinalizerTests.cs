using System.Collections.Concurrent;
using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime.Tests.Reconciliation;

public sealed class FinalizerTests(Cluster cluster)
{
    private const string First = "test.dev/first";
    private const string Second = "test.dev/second";

    private readonly WidgetController _controller = new();
    private readonly ConcurrentQueue<string> _finalized = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task First_reconcile_already_sees_the_finalizers_and_foreign_ones_stay()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space, Finalizer(First), Finalizer(Second));
        var widget = Widget.Named(space, "w");
        widget.Metadata.Finalizers = ["test.dev/foreign"];

        await host.Objects.CreateAsync(widget, Cancellation);
        var reconciled = await _controller.NextReconcileAsync();

        Assert.Equal(["test.dev/foreign", First, Second], reconciled.Metadata.Finalizers);
    }

    [Fact]
    public async Task Finalizers_run_in_order_each_after_the_previous_is_removed()
    {
        var space = await cluster.NewNamespaceAsync();
        var left = new ConcurrentQueue<string>();
        var tries = 0;
        await using var host = await StartAsync(
            space,
            Finalizer(First, widget =>
            {
                left.Enqueue(string.Join(' ', widget.Metadata.Finalizers));
                return ++tries < 3
                    ? ReconciliationResult<Widget>.Failure(widget, "not yet", requeueAfter: TimeSpan.Zero)
                    : ReconciliationResult<Widget>.Success(widget);
            }),
            Finalizer(Second, widget =>
            {
                left.Enqueue(string.Join(' ', widget.Metadata.Finalizers));
                return ReconciliationResult<Widget>.Success(widget);
            }));
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _controller.NextReconcileAsync();

        await host.Objects.DeleteAsync<Widget>(new ObjectKey(space, "w"), null, Cancellation);
        await _controller.NextDeletionAsync();

        Assert.Equal([First, First, First, Second], _finalized);
        Assert.Equal([$"{First} {Second}", $"{First} {Second}", $"{First} {Second}", Second], left);
        Assert.Null(await host.Objects.TryGetAsync<Widget>(new ObjectKey(space, "w"), Cancellation));
    }

    [Fact]
    public async Task A_finalizer_that_fails_keeps_the_object_and_is_tried_again()
    {
        var space = await cluster.NewNamespaceAsync();
        var tries = 0;
        await using var host = await StartAsync(space, Finalizer(First, widget => ++tries switch
        {
            1 => throw new InvalidOperationException("The store cannot be reached."),
            2 => ReconciliationResult<Widget>.Failure(widget, "still not"),
            _ => ReconciliationResult<Widget>.Success(widget),
        }));
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _controller.NextReconcileAsync();

        await host.Objects.DeleteAsync<Widget>(new ObjectKey(space, "w"), null, Cancellation);
        await _controller.NextDeletionAsync();

        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task A_finalizer_that_decided_by_an_old_spec_decides_again()
    {
        var space = await cluster.NewNamespaceAsync();
        var seen = new ConcurrentQueue<string?>();
        var other = cluster.Objects();
        var key = new ObjectKey(space, "w");
        await using var host = await StartAsync(space, Finalizer(First, async (widget, cancellationToken) =>
        {
            seen.Enqueue(widget.Spec.Color);
            if (widget.Spec.Color == "red")
            {
                var edit = new JsonPatch().Replace("/spec/color", "blue");
                await other.PatchAsync<Widget>(key, edit, cancellationToken);
            }

            return ReconciliationResult<Widget>.Success(widget);
        }));
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _controller.NextReconcileAsync();

        await host.Objects.DeleteAsync<Widget>(key, null, Cancellation);
        await _controller.NextDeletionAsync();

        Assert.Equal("blue", seen.Last());
    }

    [Fact]
    public async Task Object_that_is_being_deleted_is_not_reconciled()
    {
        var space = await cluster.NewNamespaceAsync();
        var widget = Widget.Named(space, "w");
        widget.Metadata.Finalizers = ["test.dev/foreign"];
        var created = await cluster.Objects().CreateAsync(widget, Cancellation);
        await cluster.Objects().DeleteAsync<Widget>(ObjectKey.Of(created), null, Cancellation);
        await using var host = await StartAsync(space, Finalizer(First));

        var live = await host.Objects.CreateAsync(Widget.Named(space, "x"), Cancellation);
        var reconciled = await _controller.NextReconcileAsync();

        Assert.Equal(live.Metadata.Name, reconciled.Metadata.Name);
        var dying = await host.Objects.TryGetAsync<Widget>(ObjectKey.Of(created), Cancellation);
        Assert.Equal(["test.dev/foreign"], dying!.Metadata.Finalizers);
    }

    private FinalizerRegistration<Widget> Finalizer(
        string identifier, Func<Widget, ReconciliationResult<Widget>>? result = null) =>
        Finalizer(identifier, (widget, _) => Task.FromResult(
            result?.Invoke(widget) ?? ReconciliationResult<Widget>.Success(widget)));

    private FinalizerRegistration<Widget> Finalizer(
        string identifier, Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>> finalize) =>
        new(identifier, new WidgetFinalizer((widget, cancellationToken) =>
        {
            _finalized.Enqueue(identifier);
            return finalize(widget, cancellationToken);
        }));

    private Task<RuntimeHost> StartAsync(string space, params FinalizerRegistration<Widget>[] finalizers) =>
        RuntimeHost.StartAsync(cluster, runtime =>
        {
            runtime.AddController<WidgetController, Widget>(options => options with
            {
                Workers = 1,
                Cache = new CacheOptions<Widget> { Namespaces = [space] },
            });
            runtime.Services.AddSingleton(_controller);
            foreach (var finalizer in finalizers)
                runtime.Services.AddSingleton(finalizer);
        });
}
