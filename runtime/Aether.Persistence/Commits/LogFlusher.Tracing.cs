using System.Diagnostics;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <content>A flush while somebody listens to its span.</content>
internal sealed partial class LogFlusher
{
    // The thread may be a caller's: it goes on under the span that it came with.
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
        // A commit that came in before anybody listened has no span.
        ActivityContext[] waiting =
            [.. pending.Waiting.Select(commit => commit.Span).Where(context => context != default)];
        return EngineTracing.StartFlush(pending.First, pending.Last, waiting);
    }
}
