using System.Globalization;
using System.Runtime.CompilerServices;
using k8s;

namespace Aether.ControllerRuntime;

/// <summary>Reads the changes of a collection after a version, bookmarks included, until the server ends it.</summary>
/// <remarks>
/// The server is asked to end it after a while, so that a connection on which nothing comes any more (a peer gone
/// without a goodbye, a proxy that forgot) is told from a quiet one: past that time and a grace it is given up.
/// </remarks>
internal sealed record WatchRequest(ListRequest List, TimeSpan Timeout, TimeSpan Grace)
{
    /// <exception cref="ApiException">The server refused, or sent an error event; gone if the version is.</exception>
    /// <exception cref="TimeoutException">The server did not end it in time.</exception>
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
                    $"The watch of {List.Path} was to end after {Timeout} and had not {Grace} later.");
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
