using System.Diagnostics;

namespace Aether.Persistence;

/// <summary>
/// The spans of the engine (docs/observability.md). While <see cref="SourceName"/> has no listener, starting a span
/// costs one comparison and allocates nothing.
/// </summary>
public static class EngineTracing
{
    /// <summary>Name of the source of the spans.</summary>
    public const string SourceName = "Aether.Persistence";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether tracing has a listener.</summary>
    internal static bool IsOn => Source.HasListeners();

    /// <summary>The span that is current on this thread, so that another span can refer to it.</summary>
    internal static ActivityContext Current => IsOn && Activity.Current is { } span ? span.Context : default;

    /// <summary>
    /// Starts the span of a commit, from its arrival to its acknowledgement; a child of the caller's span.
    /// </summary>
    internal static Activity? StartCommit(int mutations) =>
        Source.StartActivity("commit")?.SetTag("aether.commit.mutations", mutations);

    /// <summary>Starts the span of a write and sync of one block.</summary>
    /// <param name="first">The first commit of the block.</param>
    /// <param name="last">The last commit of the block.</param>
    /// <param name="waiting">
    /// Spans of the commits that wait for the block: the first is its parent, the others are links.
    /// </param>
    internal static Activity? StartFlush(Sequence first, Sequence last, ReadOnlySpan<ActivityContext> waiting)
    {
        if (!IsOn)
            return null;
        if (waiting.IsEmpty)
            return StartForBlocks("flush", ActivityKind.Internal, first, last, parent: default, links: []);
        var links = new List<ActivityLink>(waiting.Length);
        foreach (var context in waiting[1..])
            links.Add(new ActivityLink(context));
        return StartForBlocks("flush", ActivityKind.Internal, first, last, waiting[0], links);
    }

    /// <summary>Starts the span of one append to the journal, with all its retries.</summary>
    internal static Activity? StartShip(Sequence first, Sequence last, int blocks) => IsOn
        ? StartForBlocks("ship", ActivityKind.Client, first, last, parent: default, links: [])
            ?.SetTag("aether.ship.blocks", blocks)
        : null;

    /// <summary>Starts the span of a recovery.</summary>
    internal static Activity? StartRecovery() => Source.StartActivity("recover");

    /// <summary>Marks a span as failed.</summary>
    internal static void Fail(Activity? span, Exception failure) =>
        span?.SetTag("error.type", failure.GetType().FullName).SetStatus(ActivityStatusCode.Error, failure.Message);

    // These spans belong to many commits. Without clearing Activity.Current, a span without a parent would become a
    // child of the span that is current on the thread, such as that of the one caller that flushes for the others. The
    // caller restores the thread's current span afterwards.
    private static Activity? StartForBlocks(
        string name,
        ActivityKind kind,
        Sequence first,
        Sequence last,
        ActivityContext parent,
        IReadOnlyList<ActivityLink> links)
    {
        Activity.Current = null;
        return Source.StartActivity(name, kind, parent, links: links)
            ?.SetTag("aether.commit.first_sequence", (long)first.Value)
            .SetTag("aether.commit.last_sequence", (long)last.Value);
    }
}
