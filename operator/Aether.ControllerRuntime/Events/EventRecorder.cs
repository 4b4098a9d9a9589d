using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>
/// Writes events in the background, one after another. If the API server is busy or unreachable, it retries for about
/// half a minute; later events wait in a bounded queue. It uses <c>v1</c> events, since <c>events.k8s.io/v1</c> refuses
/// the timestamps by which <c>kubectl get events --sort-by=.lastTimestamp</c> sorts. Both show the same objects.
/// </summary>
[EntityRbac(typeof(Corev1Event), Verbs = RbacVerb.Create | RbacVerb.Patch)]
internal sealed partial class EventRecorder(
    OperatorSettings options,
    IObjectClient objects,
    ControllerRuntimeMetrics metrics,
    ILogger<EventRecorder> logger,
    TimeProvider clock,
    RandomSource random) : BackgroundService, IEventRecorder
{
    private const int Backlog = 1000;
    private const int NoteBytes = 1024;
    private const int MaxAttempts = 6;

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random);
    private readonly CancellationTokenSource _stopping = new();

    private readonly EventSeries _series = new(clock);
    private readonly Channel<PendingEvent> _pending = Channel.CreateBounded<PendingEvent>(
        new BoundedChannelOptions(Backlog) { SingleReader = true });

    public void Normal(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note) =>
        Record(regarding, "Normal", reason, action, note);

    public void Warning(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note) =>
        Record(regarding, "Warning", reason, action, note);

    /// <summary>Writes the events still queued, for as long as the host waits.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _pending.Writer.TryComplete();
        await _stopping.CancelAsync();
        if (ExecuteTask is { } execution)
            await execution.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _stopping.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var pending in _pending.Reader.ReadAllAsync(stoppingToken))
            metrics.Event(await RecordAsync(pending, stoppingToken));
    }

    private void Record(
        IKubernetesObject<V1ObjectMeta> regarding, string type, string reason, string action, string note)
    {
        var reference = new V1ObjectReference
        {
            ApiVersion = regarding.ApiVersion,
            Kind = regarding.Kind,
            Name = regarding.Metadata.Name,
            NamespaceProperty = regarding.Metadata.NamespaceProperty,
            Uid = regarding.Metadata.Uid,
            ResourceVersion = regarding.Metadata.ResourceVersion,
        };
        var name = $"{regarding.Metadata.Name}.{Guid.NewGuid():N}";
        var key = new EventKey(regarding.Metadata.Uid ?? "", type, reason, action, Cut(note));
        if (!_pending.Writer.TryWrite(new PendingEvent(name, reference, clock.GetUtcNow(), key)))
            metrics.Event(EventOutcome.Dropped);
    }

    private async Task<EventOutcome> RecordAsync(PendingEvent pending, CancellationToken cancellationToken)
    {
        var (decision, series) = _series.Take(pending.Key);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteAsync(pending, decision, series, cancellationToken);
            }
            catch (Exception exception) when (IsFailure(exception))
            {
                if (attempt == MaxAttempts || _stopping.IsCancellationRequested || !IsTransient(exception))
                {
                    LogFailed(pending.Key.Reason, ReferenceOf(pending), exception.Message);
                    return EventOutcome.Failed;
                }
            }

            await Task.Delay(_backoff.After(attempt), clock, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<EventOutcome> WriteAsync(
        PendingEvent pending,
        EventDecision decision,
        EventSeries.Occurrences series,
        CancellationToken cancellationToken)
    {
        switch (decision)
        {
            case EventDecision.Count when series.Written is { } written:
                await CountAsync(written, series.Count, pending.Time, cancellationToken);
                return EventOutcome.Counted;
            case EventDecision.Create or EventDecision.Count:
                // If the first event of a series could not be written, a repetition is written in its place.
                series.Written = await CreateAsync(pending, cancellationToken);
                return EventOutcome.Written;
            case EventDecision.Drop:
                return EventOutcome.Dropped;
            default:
                return EventOutcome.Counted;
        }
    }

    private static bool IsFailure(Exception exception) =>
        exception is ApiException or HttpRequestException or IOException or TimeoutException;

    // There was no answer, or the answer asks to retry later.
    private static bool IsTransient(Exception exception) =>
        exception is not ApiException answer
        || answer.Code is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private async Task<ObjectKey> CreateAsync(PendingEvent pending, CancellationToken cancellationToken)
    {
        var written = new Corev1Event
        {
            Metadata = new V1ObjectMeta
            {
                // Events are namespaced; kubectl looks for those of cluster-scoped objects in "default".
                NamespaceProperty = pending.Regarding.NamespaceProperty ?? "default",
                Name = pending.Name,
            },
            EventTime = MicroTime.Of(pending.Time),
            FirstTimestamp = pending.Time.UtcDateTime,
            LastTimestamp = pending.Time.UtcDateTime,
            Count = 1,
            Source = new V1EventSource { Component = options.Name, Host = Environment.MachineName },
            ReportingComponent = options.Name,
            ReportingInstance = Environment.MachineName,
            Type = pending.Key.Type,
            Reason = pending.Key.Reason,
            Action = pending.Key.Action,
            Message = pending.Key.Note,
            InvolvedObject = pending.Regarding,
        };
        try
        {
            await objects.CreateAsync(written, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            // An earlier attempt created it and its answer was lost: the name is unique to this event.
        }

        return ObjectKey.Of(written);
    }

    private Task<Corev1Event> CountAsync(
        ObjectKey written, int count, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var series = new JsonObject { ["count"] = count, ["lastObservedTime"] = MicroTime.Text(time) };
        var patch = new JsonObject
        {
            ["series"] = series,
            ["count"] = count,
            ["lastTimestamp"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        return objects.MergeAsync<Corev1Event>(written, patch, cancellationToken);
    }

    private static ObjectKey ReferenceOf(PendingEvent pending) =>
        new(pending.Regarding.NamespaceProperty, pending.Regarding.Name);

    private static string Cut(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= NoteBytes)
            return note;

        var end = 0;
        var bytes = 0;
        foreach (var rune in note.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > NoteBytes - 3)
                break;
            end += rune.Utf16SequenceLength;
        }

        return note[..end] + "...";
    }

    [LoggerMessage(4301, LogLevel.Warning, "Event {Reason} about {Key} could not be written and is dropped: {Error}")]
    private partial void LogFailed(string reason, ObjectKey key, string error);
}
