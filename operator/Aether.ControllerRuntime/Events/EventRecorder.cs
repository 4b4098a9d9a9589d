using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>Writes events (<c>events.k8s.io/v1</c>) one after the other, behind those who report them.</summary>
internal sealed partial class EventRecorder(
    ControllerRuntimeOptions options,
    IObjectClient objects,
    ControllerRuntimeMetrics metrics,
    ILogger<EventRecorder> logger,
    TimeProvider clock) : BackgroundService, IEventRecorder
{
    private const int Backlog = 1000;
    private const int NoteBytes = 1024;

    private readonly EventSeries _series = new(clock);
    private readonly Channel<PendingEvent> _pending = Channel.CreateBounded<PendingEvent>(
        new BoundedChannelOptions(Backlog) { SingleReader = true });

    public void Normal(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note) =>
        Record(regarding, "Normal", reason, action, note);

    public void Warning(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note) =>
        Record(regarding, "Warning", reason, action, note);

    /// <summary>Writes what is reported until then, and no longer than the host waits.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _pending.Writer.TryComplete();
        if (ExecuteTask is { } execution)
            await execution.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var pending in _pending.Reader.ReadAllAsync(stoppingToken))
            metrics.Event(await WriteAsync(pending, stoppingToken));
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
        var key = new EventKey(regarding.Metadata.Uid ?? "", type, reason, action, Cut(note));
        if (!_pending.Writer.TryWrite(new PendingEvent(reference, clock.GetUtcNow(), key)))
            metrics.Event("dropped");
    }

    private async Task<string> WriteAsync(PendingEvent pending, CancellationToken cancellationToken)
    {
        var (decision, series) = _series.Take(pending.Key);
        try
        {
            switch (decision)
            {
                case EventDecision.Count when series.Written is { } written:
                    await CountAsync(written, series.Count, pending.Time, cancellationToken);
                    return "counted";
                case EventDecision.Create or EventDecision.Count:
                    // The first one of a series may have failed to be written: then a later one stands for it.
                    series.Written = await CreateAsync(pending, cancellationToken);
                    return "written";
                case EventDecision.Drop:
                    return "dropped";
                default:
                    return "counted";
            }
        }
        catch (Exception exception) when (
            exception is ApiException or HttpRequestException or IOException or TimeoutException)
        {
            LogFailed(pending.Key.Reason, ReferenceOf(pending), exception.Message);
            return "failed";
        }
    }

    private async Task<ObjectKey> CreateAsync(PendingEvent pending, CancellationToken cancellationToken)
    {
        var written = await objects.CreateAsync(
            new Eventsv1Event
            {
                Metadata = new V1ObjectMeta
                {
                    // Events are namespaced; those of cluster-scoped objects are looked for in "default".
                    NamespaceProperty = pending.Regarding.NamespaceProperty ?? "default",
                    Name = $"{pending.Regarding.Name}.{Guid.NewGuid():N}",
                },
                EventTime = MicroTime.Of(pending.Time),
                ReportingController = options.Name,
                ReportingInstance = Environment.MachineName,
                Type = pending.Key.Type,
                Reason = pending.Key.Reason,
                Action = pending.Key.Action,
                Note = pending.Key.Note,
                Regarding = pending.Regarding,
            },
            cancellationToken);
        return ObjectKey.Of(written);
    }

    private Task<Eventsv1Event> CountAsync(
        ObjectKey written, int count, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var series = new JsonObject { ["count"] = count, ["lastObservedTime"] = MicroTime.Text(time) };
        return objects.MergeAsync<Eventsv1Event>(written, new JsonObject { ["series"] = series }, cancellationToken);
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

    [LoggerMessage(4301, LogLevel.Warning, "Event {Reason} about {Key} could not be written: {Error}")]
    private partial void LogFailed(string reason, ObjectKey key, string error);
}
