using System.Diagnostics;

namespace Aether.Persistence;

/// <summary>
/// The spans of the engine (docs/observability.md). While nobody listens to <see cref="SourceName"/>, starting a span
/// costs one comparison and allocates nothing.
/// </summary>
public static class EngineTracing
{
    /// <summary>Name of the source of the spans.</summary>
    public const string SourceName = "Aether.Persistence";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody listens.</summary>
    internal static bool IsOn => Source.HasListeners();

    /// <summary>The span that is current on this thread, for a span elsewhere to refer to.</summary>
    internal static ActivityContext Current => IsOn && Activity.Current is { } span ? span.Context : default;

    /// <summary>A commit, from its arrival to its acknowledgement; a child of the caller's span.</summary>
    internal static Activity? StartCommit(int mutations) =>
        Source.StartActivity("commit")?.SetTag("aether.commit.mutations", mutations);

    /// <summary>One write and sync of the log, for the commits of one block.</summary>
    /// <param name="first">The first commit of the block.</param>
    /// <param name="last">The last commit of the block.</param>
    /// <param name="waiting">Spans of commits that wait for it: the first is its parent, the others are links.</param>
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

    /// <summary>One append to the journal, with all its retries.</summary>
    internal static Activity? StartShip(Sequence first, Sequence last, int blocks) => IsOn
        ? StartForBlocks("ship", ActivityKind.Client, first, last, parent: default, links: [])
            ?.SetTag("aether.ship.blocks", blocks)
        : null;

    /// <summary>The recovery of a world when it is opened.</summary>
    internal static Activity? StartRecovery() => Source.StartActivity("recover");

    /// <summary>Marks a span as failed.</summary>
    internal static void Fail(Activity? span, Exception failure) =>
        span?.SetTag("error.type", failure.GetType().FullName).SetStatus(ActivityStatusCode.Error, failure.Message);

    // These spans belong to many commits. Without the null one that has no parent would become a child of whatever span
    // is current on the thread, such as that of the one commit whose caller flushes for the others. Who starts one
    // gives the thread back the span that it had.
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
