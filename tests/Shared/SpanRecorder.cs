using System.Diagnostics;
using System.Threading.Channels;

namespace Aether.Tests;

/// <summary>Listens to sources of spans and keeps the ended ones; for one test at a time.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly Channel<Activity> _ended = Channel.CreateUnbounded<Activity>();
    private readonly List<Activity> _seen = [];
    private readonly ActivityListener _listener;

    public SpanRecorder(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _ended.Writer.TryWrite(span),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The first matching span, past or future. Other tests create spans, too.</summary>
    public async Task<Activity> WaitForAsync(Func<Activity, bool> fits, CancellationToken cancellationToken)
    {
        if (_seen.Find(span => fits(span)) is { } seen)
            return seen;
        while (true)
        {
            var span = await _ended.Reader.ReadAsync(cancellationToken);
            _seen.Add(span);
            if (fits(span))
                return span;
        }
    }

    public void Dispose() => _listener.Dispose();
}
