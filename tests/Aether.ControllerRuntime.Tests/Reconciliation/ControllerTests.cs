using System.Collections.Immutable;
using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime.Tests.Reconciliation;

public sealed class ControllerTests(Cluster cluster)
{
    private readonly WidgetController _controller = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Existing_and_new_objects_are_each_reconciled()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.Objects().CreateAsync(Widget.Named(space, "early"), Cancellation);
        await using var host = await StartAsync(space);

        var early = await _controller.NextReconcileAsync();
        await host.Objects.CreateAsync(Widget.Named(space, "late"), Cancellation);
        var late = await _controller.NextReconcileAsync();

        Assert.Equal("early", early.Metadata.Name);
        Assert.Equal("late", late.Metadata.Name);
        Assert.Equal(("test.dev/v1", "Widget"), (late.ApiVersion, late.Kind));
    }

    [Fact]
    public async Task Change_of_the_spec_causes_a_reconcile_and_the_controllers_own_status_does_not()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        _controller.OnReconcile = async (widget, cancellationToken) =>
        {
            widget.Status.Reconciles++;
            await host.Objects.ReplaceStatusAsync(widget, cancellationToken);
            return ReconciliationResult<Widget>.Success(widget);
        };
        var widget = await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _controller.NextReconcileAsync();

        await SetColorAsync(host, space, "w", "blue");
        var second = await _controller.NextReconcileAsync(widget => widget.Spec.Color == "blue");
        await SetColorAsync(host, space, "w", "green");
        var third = await _controller.NextReconcileAsync(widget => widget.Spec.Color == "green");

        Assert.Equal(2, second.Status.Reconciles);
        Assert.Equal(3, third.Status.Reconciles);
        Assert.Equal(0, _controller.WaitingReconciles);
    }

    [Fact]
    public async Task Reconcile_never_starts_on_a_state_older_than_the_last_write()
    {
        const int writes = 50;
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        var written = 0;
        var seen = new List<int>();
        _controller.OnReconcile = async (widget, cancellationToken) =>
        {
            seen.Add(widget.Status.Reconciles);
            if (written == writes)
                return ReconciliationResult<Widget>.Success(widget);
            widget.Status.Reconciles = ++written;
            await host.Objects.ReplaceStatusAsync(widget, cancellationToken);
            return ReconciliationResult<Widget>.Success(widget, TimeSpan.Zero);
        };

        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _controller.NextReconcileAsync(widget => seen.Count == writes + 1);

        Assert.Equal(Enumerable.Range(0, writes + 1), seen);
    }

    [Fact]
    public async Task Reconcile_that_throws_or_conflicts_is_tried_again()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        var tries = 0;
        _controller.OnReconcile = async (widget, cancellationToken) =>
        {
            tries++;
            if (tries == 1)
                throw new InvalidOperationException("The first try fails.");
            if (tries == 2)
            {
                widget.Metadata.ResourceVersion = "1";
                await host.Objects.ReplaceStatusAsync(widget, cancellationToken);
            }

            return tries == 3
                ? ReconciliationResult<Widget>.Failure(widget, "The third fails expectedly.")
                : ReconciliationResult<Widget>.Success(widget);
        };

        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _controller.NextReconcileAsync(_ => tries == 4);

        Assert.Equal(4, tries);
    }

    [Fact]
    public async Task Object_is_never_reconciled_twice_at_the_same_time()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        var (running, most) = (0, 0);
        var entered = new SemaphoreSlim(0);
        var leave = new SemaphoreSlim(0);
        _controller.OnReconcile = async (widget, cancellationToken) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            entered.Release();
            await leave.WaitAsync(cancellationToken);
            Interlocked.Decrement(ref running);
            return ReconciliationResult<Widget>.Success(widget);
        };
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await entered.WaitAsync(Cancellation);

        await SetColorAsync(host, space, "w", "blue");
        await host.Objects.CreateAsync(Widget.Named(space, "other"), Cancellation);
        await entered.WaitAsync(Cancellation);
        leave.Release(2);
        await entered.WaitAsync(Cancellation);
        leave.Release(1);
        await _controller.NextReconcileAsync(widget => widget.Spec.Color == "blue");

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Deleted_object_is_reported_in_its_last_known_form()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        await host.Objects.CreateAsync(Widget.Named(space, "w", "red"), Cancellation);
        await _controller.NextReconcileAsync();

        await host.Objects.DeleteAsync<Widget>(new ObjectKey(space, "w"), null, Cancellation);
        var gone = await _controller.NextDeletionAsync();

        Assert.Equal((new ObjectKey(space, "w"), "red"), (ObjectKey.Of(gone), gone.Spec.Color));
    }

    [Fact]
    public async Task A_deletion_whose_report_fails_is_reported_again()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        var tries = 0;
        _controller.OnDeleted = widget => ++tries < 3
            ? ReconciliationResult<Widget>.Failure(widget, "not yet")
            : ReconciliationResult<Widget>.Success(widget);
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _controller.NextReconcileAsync();

        await host.Objects.DeleteAsync<Widget>(new ObjectKey(space, "w"), null, Cancellation);
        for (var deletions = 0; deletions < 3; deletions++)
            await _controller.NextDeletionAsync();

        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task Change_of_a_watched_kind_reconciles_the_objects_it_concerns()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await RuntimeHost.StartAsync(cluster, runtime =>
        {
            var cache = new CacheOptions<Widget> { Namespaces = [space], Indexes = ByColor };
            runtime.AddController<WidgetController, Widget>(options => options with { Cache = cache })
                .Watch<V1ConfigMap>((map, widgets) => widgets.Find("color", map.Metadata.Name).Select(ObjectKey.Of));
            runtime.Services.AddSingleton(_controller);
        });
        await host.Objects.CreateAsync(Widget.Named(space, "a", "red"), Cancellation);
        await host.Objects.CreateAsync(Widget.Named(space, "b", "blue"), Cancellation);
        var first = await _controller.NextReconcileAsync();
        var second = await _controller.NextReconcileAsync();
        Assert.Equal(["a", "b"], new[] { first, second }.Select(widget => widget.Metadata.Name).Order());

        var map = new V1ConfigMap { Metadata = new V1ObjectMeta { NamespaceProperty = space, Name = "blue" } };
        await host.Objects.CreateAsync(map, Cancellation);

        Assert.Equal("b", (await _controller.NextReconcileAsync()).Metadata.Name);
    }

    [Fact]
    public async Task Stop_waits_for_the_running_reconcile()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await StartAsync(space);
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        _controller.OnReconcile = async (widget, _) =>
        {
            entered.TrySetResult();
            await leave.Task;
            return ReconciliationResult<Widget>.Success(widget);
        };
        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await entered.Task.WaitAsync(Cancellation);

        var stopped = host.StopAsync();
        Assert.False(stopped.IsCompleted);
        leave.SetResult();
        await stopped;

        Assert.Equal(1, _controller.WaitingReconciles);
    }

    private static ImmutableDictionary<string, Func<Widget, IEnumerable<string>>> ByColor =>
        new CacheOptions<Widget>().Indexes.Add("color", widget => [widget.Spec.Color ?? ""]);

    private static Task<Widget> SetColorAsync(RuntimeHost host, string space, string name, string color) =>
        host.Objects.PatchAsync<Widget>(
            new ObjectKey(space, name), new JsonPatch().Replace("/spec/color", color), Cancellation);

    private Task<RuntimeHost> StartAsync(string space) => RuntimeHost.StartAsync(cluster, runtime =>
    {
        runtime.AddController<WidgetController, Widget>(options => options with
        {
            Cache = new CacheOptions<Widget> { Namespaces = [space] },
        });
        runtime.Services.AddSingleton(_controller);
    });
}
