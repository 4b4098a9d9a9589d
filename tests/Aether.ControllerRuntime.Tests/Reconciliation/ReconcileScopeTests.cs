using System.Diagnostics;
using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using Aether.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime.Tests.Reconciliation;

public sealed class ReconcileScopeTests(Cluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_reconcile_is_a_span_that_names_its_object_its_id_and_its_outcome()
    {
        var space = await cluster.NewNamespaceAsync();
        using var recorder = new SpanRecorder(ReconcileScope.SourceName);
        var controller = new WidgetController();
        var tries = 0;
        controller.OnReconcile = (widget, _) => Task.FromResult(++tries == 1
            ? ReconciliationResult<Widget>.Failure(widget, "The first fails expectedly.")
            : ReconciliationResult<Widget>.Success(widget));
        await using var host = await RuntimeHost.StartAsync(cluster, runtime =>
        {
            runtime.AddController<WidgetController, Widget>(options => options with
            {
                Cache = new CacheOptions<Widget> { Namespaces = [space] },
            });
            runtime.Services.AddSingleton(controller);
        });

        await host.Objects.CreateAsync(Widget.Named(space, "w"), Cancellation);

        var failed = await SpanAsync("failed");
        var done = await SpanAsync("done");
        Assert.Equal(("w", ActivityStatusCode.Error), (failed.GetTagItem("aether.object.name"), failed.Status));
        Assert.Equal("failed", failed.GetTagItem("error.type"));
        Assert.Equal(("w", ActivityStatusCode.Unset), (done.GetTagItem("aether.object.name"), done.Status));
        Assert.StartsWith("reconcile ", done.OperationName, StringComparison.Ordinal);
        Assert.NotEqual(failed.GetTagItem("aether.reconcile.id"), done.GetTagItem("aether.reconcile.id"));

        Task<Activity> SpanAsync(string outcome) => recorder.WaitForAsync(
            span => Equals(span.GetTagItem("k8s.namespace.name"), space)
                && Equals(span.GetTagItem("aether.reconcile.outcome"), outcome),
            Cancellation);
    }

    [Fact]
    [Trait("Kind", "Unit")]
    public void Log_entries_of_a_reconcile_are_in_a_scope_with_its_controller_object_and_id()
    {
        var logger = new ScopeLogger();

        using (ReconcileScope.Begin("worlds", new ObjectKey("games", "economy"), logger))
        {
        }

        var scope = Assert.Single(logger.Scopes);
        Assert.Equal("worlds", scope["Controller"]);
        Assert.Equal("games/economy", scope["Object"]?.ToString());
        Assert.True(Guid.TryParse(scope["ReconcileId"]?.ToString(), out _));
    }

    private sealed class ScopeLogger : ILogger
    {
        public List<Dictionary<string, object?>> Scopes { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Scopes.Add(new Dictionary<string, object?>((IEnumerable<KeyValuePair<string, object?>>)state));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => false;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
        }
    }
}
