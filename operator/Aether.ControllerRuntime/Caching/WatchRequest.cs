using System.Globalization;
using System.Runtime.CompilerServices;
using k8s;

namespace Aether.ControllerRuntime;

/// <summary>
/// Reads the changes of a collection after a version, including bookmarks, until the server ends the watch.
/// </summary>
/// <remarks>
/// The request sets a timeout after which the server ends the watch. If the watch is still open a grace period later,
/// the connection is dead (the peer has vanished, or a proxy has dropped it) and the watch fails. Without that timeout,
/// a dead connection would look like one without changes.
/// </remarks>
internal sealed record WatchRequest(ListRequest List, TimeSpan Timeout, TimeSpan Grace)
{
    /// <exception cref="ApiException">The server refused the request or sent an error event, such as Gone.</exception>
    /// <exception cref="TimeoutException">The server did not end the watch in time.</exception>
    public async IAsyncEnumerable<WatchEvent> ReadAsync(
        string resourceVersion,
        ApiTransport transport,
        TimeProvider clock,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout + Grace, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var response = await InTime(
            transport.OpenAsync(HttpMethod.Get, List.Path + Query(resourceVersion), null, either.Token));
        await using var body = await InTime(response.Content.ReadAsStreamAsync(either.Token));
        using var reader = new StreamReader(body);
        while (await InTime(reader.ReadLineAsync(either.Token).AsTask()) is { } line)
        {
            var change = WatchEvent.Parse(line);
            if (change.Type == WatchEventType.Error)
                throw change.ToException(List.Path);
            yield return change;
        }

        async Task<T> InTime<T>(Task<T> step)
        {
            try
            {
                return await step;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"The watch of {List.Path} did not end within its timeout {Timeout} and grace {Grace}.");
            }
        }
    }

    private string Query(string resourceVersion)
    {
        var seconds = ((long)Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return $"?{List.Selectors()}watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}"
            + $"&resourceVersion={Uri.EscapeDataString(resourceVersion)}";
    }
}
