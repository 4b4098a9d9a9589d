using System.Threading.Channels;

namespace Aether.ControllerRuntime.Tests.Widgets;

/// <summary>Reports each reconcile to the test and runs the test's code.</summary>
internal sealed class WidgetController : IEntityController<Widget>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<Widget> _reconciled = Channel.CreateUnbounded<Widget>();
    private readonly Channel<Widget> _deletions = Channel.CreateUnbounded<Widget>();

    public Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>> OnReconcile { get; set; } =
        (widget, _) => Task.FromResult(ReconciliationResult<Widget>.Success(widget));

    public Func<Widget, ReconciliationResult<Widget>> OnDeleted { get; set; } =
        widget => ReconciliationResult<Widget>.Success(widget);

    public async Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        var result = await OnReconcile(entity, cancellationToken);
        _reconciled.Writer.TryWrite(entity);
        return result;
    }

    public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken)
    {
        var result = OnDeleted(entity);
        _deletions.Writer.TryWrite(entity);
        return Task.FromResult(result);
    }

    public async Task<Widget> NextReconcileAsync(Func<Widget, bool>? matches = null)
    {
        while (true)
        {
            var widget = await NextAsync(_reconciled);
            if (matches?.Invoke(widget) ?? true)
                return widget;
        }
    }

    public Task<Widget> NextDeletionAsync() => NextAsync(_deletions);

    public int WaitingReconciles => _reconciled.Reader.Count;

    private static Task<T> NextAsync<T>(Channel<T> channel) => channel.Reader
        .ReadAsync(TestContext.Current.CancellationToken)
        .AsTask()
        .WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
}
