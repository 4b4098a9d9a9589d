using System.Text.Json;
using k8s;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>Keeps a target current: lists once, then watches from the list's version.</summary>
/// <remarks>
/// After a lost connection it resumes from the last version it saw, including those of bookmarks. It lists again when
/// the server no longer keeps that version (410 Gone, as an answer or within a watch), and when resuming has failed a
/// few times without a single event. The latter happens if a server was restored from a backup and never had that
/// version.
/// </remarks>
internal sealed partial class Reflector(
    string kind,
    ListRequest list,
    IReflectorTarget target,
    ApiTransport transport,
    WatchOptions options,
    RandomSource random,
    ControllerRuntimeMetrics metrics,
    ILogger<Reflector> logger,
    TimeProvider clock)
{
    private const int FailuresBeforeRelist = 3;

    // A watch that ends sooner counts as a failure: without a delay, the reflector would reopen it in a tight loop.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private readonly Backoff _backoff = new(options.BackoffBase, options.BackoffLimit, random);
    private string? _version;
    private int _failures;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var end = await StepAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
                return;

            metrics.WatchEnded(kind, end);
            if (end == WatchEnd.Gone || (end == WatchEnd.Failed && _failures % FailuresBeforeRelist == 0))
                _version = null;
            if (_failures > 0)
                await DelayAsync(_backoff.After(_failures), cancellationToken);
        }
    }

    private async Task<WatchEnd> StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            _version ??= await ListAsync(cancellationToken);
            await WatchAsync(cancellationToken);
            return WatchEnd.Closed;
        }
        catch (ApiException exception) when (exception.IsGone)
        {
            // Normal for a watch. If the list itself keeps answering Gone, back off.
            _failures = _version is null ? _failures + 1 : 0;
            LogGone(kind);
            return WatchEnd.Gone;
        }
        catch (Exception exception) when (IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            _failures++;
            LogFailed(kind, _failures, exception.Message);
            return WatchEnd.Failed;
        }
        catch (Exception exception) when (IsTransient(exception))
        {
            // The reflector is stopping: how its last request ended does not matter.
            return WatchEnd.Closed;
        }
    }

    // The failures of a network, a proxy or a server. Any other exception is a bug and ends the process.
    private static bool IsTransient(Exception exception) =>
        exception is ApiException or HttpRequestException or IOException or TimeoutException or JsonException
            or OperationCanceledException;

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var mark = target.BeginList();
        var version = "";
        var items = new List<string>();
        await foreach (var page in list.ReadPagesAsync(transport, cancellationToken))
        {
            version = page.ResourceVersion;
            items.AddRange(page.Items);
        }

        target.Replace(mark, items);
        metrics.Listed(kind);
        LogListed(kind, items.Count, version);
        return version;
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var opened = clock.GetTimestamp();
        var events = 0L;
        var timeout = options.Timeout * (1 + random());
        var watch = new WatchRequest(list, timeout, options.SilenceGrace);
        await foreach (var change in watch.ReadAsync(_version!, transport, clock, cancellationToken))
        {
            if (change.Type == WatchEventType.Deleted)
                target.Remove(change.Json);
            else if (change.Type != WatchEventType.Bookmark)
                target.Put(change.Json);
            _version = change.ResourceVersion;
            _failures = 0;
            events++;
        }

        if (events == 0 && clock.GetElapsedTime(opened) < ShortestWatch)
            throw new IOException("The server ended the watch as soon as it was opened.");
        _failures = 0;
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        await Task.Delay(delay, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(4101, LogLevel.Information, "Listed {Count} {Kind} at version {Version}")]
    private partial void LogListed(string kind, int count, string version);

    [LoggerMessage(4102, LogLevel.Information,
        "The API server no longer keeps the version from which to watch {Kind}; listing again")]
    private partial void LogGone(string kind);

    [LoggerMessage(4103, LogLevel.Warning,
        "Listing or watching {Kind} failed {Failures} times in a row; retrying with a growing pause: {Reason}")]
    private partial void LogFailed(string kind, int failures, string reason);
}
