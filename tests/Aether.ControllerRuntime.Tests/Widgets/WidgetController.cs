using System.Threading.Channels;

namespace Aether.ControllerRuntime.Tests.Widgets;

/// <summary>Reports each pass to the test and does what the test says.</summary>
internal sealed class WidgetController : IEntityController<Widget>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<Widget> _passes = Channel.CreateUnbounded<Widget>();
    private readonly Channel<ObjectKey> _deletions = Channel.CreateUnbounded<ObjectKey>();

    public Func<Widget, CancellationToken, Task<ReconcileResult>> OnPass { get; set; } =
        (_, _) => Task.FromResult(ReconcileResult.Done);

    public async Task<ReconcileResult> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        var result = await OnPass(entity, cancellationToken);
        _passes.Writer.TryWrite(entity);
        return result;
    }

    public Task DeletedAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        _deletions.Writer.TryWrite(key);
        return Task.CompletedTask;
    }

    public async Task<Widget> NextPassAsync(Func<Widget, bool>? matches = null)
    {
        while (true)
        {
            var widget = await NextAsync(_passes);
            if (matches?.Invoke(widget) ?? true)
                return widget;
        }
    }

    public Task<ObjectKey> NextDeletionAsync() => NextAsync(_deletions);

    public int WaitingPasses => _passes.Reader.Count;

    private static Task<T> NextAsync<T>(Channel<T> channel) => channel.Reader
        .ReadAsync(TestContext.Current.CancellationToken)
        .AsTask()
        .WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
}
