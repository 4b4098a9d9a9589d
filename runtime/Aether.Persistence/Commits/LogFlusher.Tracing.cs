using System.Diagnostics;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <content>A flush while tracing has a listener.</content>
internal sealed partial class LogFlusher
{
    // Restores the thread's current span at the end: the thread may be a caller's, whose code continues under it.
    private void FlushTraced(PendingBlock pending, Func<LogBlock, bool> offerUnsynced)
    {
        var callers = Activity.Current;
        try
        {
            using var span = StartSpan(pending);
            try
            {
                Flush(pending, offerUnsynced);
            }
            catch (Exception exception)
            {
                EngineTracing.Fail(span, exception);
                throw;
            }
        }
        finally
        {
            Activity.Current = callers;
        }
    }

    private static Activity? StartSpan(PendingBlock pending)
    {
        // Commits from before the first listener have no span.
        ActivityContext[] waiting =
            [.. pending.Waiting.Select(commit => commit.Span).Where(context => context != default)];
        return EngineTracing.StartFlush(pending.First, pending.Last, waiting);
    }
}
