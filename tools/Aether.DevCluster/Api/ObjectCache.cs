using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Aether.DevCluster.Api;

/// <summary>
/// All objects of one kind according to the API server, from one list and a watch that follows it. Code that waits for
/// a state uses <see cref="NextChange"/> or <see cref="UntilAsync"/>, and does not poll.
/// </summary>
/// <param name="list">Lists all objects.</param>
/// <param name="watch">Watches them from a resource version on; calls the action with each error.</param>
/// <param name="clock">The clock, for time and timers.</param>
internal sealed class ObjectCache<T, TList>(
    Func<CancellationToken, Task<TList>> list,
    Func<string?, Action<Exception>, CancellationToken, IAsyncEnumerable<(WatchEventType Type, T Item)>> watch,
    TimeProvider clock) : IAsyncDisposable
    where T : IKubernetesObject<V1ObjectMeta>
    where TList : IItems<T>, IMetadata<V1ListMeta>
{
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<(string Namespace, string Name), T> _objects = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _nextChange = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;

    /// <summary>Called on the watching task for each object that was added, changed or deleted, in order.</summary>
    public event Action<WatchEventType, T>? Changed;

    /// <summary>
    /// Completes at the next change. Read it before inspecting the objects, so that no change is missed.
    /// </summary>
    public Task NextChange => Volatile.Read(ref _nextChange).Task;

    /// <summary>All objects.</summary>
    public IReadOnlyCollection<T> Items => [.. _objects.Values];

    /// <summary>Starts to list and watch; the first list is complete when the task completes.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = Task.Run(() => FollowAsync(_stop.Token), CancellationToken.None);
        return Task.WhenAny(_listed.Task, _loop).Unwrap().WaitAsync(cancellationToken);
    }

    /// <summary>The object of that name, if it exists.</summary>
    public bool TryGet(string @namespace, string name, [MaybeNullWhen(false)] out T found) =>
        _objects.TryGetValue((@namespace, name), out found);

    /// <summary>Waits until <paramref name="select"/> finds a result among all objects.</summary>
    /// <param name="select">Returns the result, or null to keep waiting.</param>
    /// <param name="what">Describes the result, for the message.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">There was no result in time; the message describes the objects.</exception>
    public async Task<TResult> UntilAsync<TResult>(
        Func<IReadOnlyCollection<T>, TResult?> select,
        string what,
        TimeSpan timeout,
        CancellationToken cancellationToken)
        where TResult : class
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        while (true)
        {
            var next = NextChange;
            if (select(Items) is { } found)
                return found;
            Task ended;
            try
            {
                ended = await Task.WhenAny(next, _loop).WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                var present = string.Concat(Items.Select(item => $"\n  {Describe(item)}"));
                throw new TimeoutException($"Waited {timeout} for {what}. There are:{present}");
            }

            // Without the loop nothing changes any more, so report why it ended.
            if (ended == _loop)
            {
                await _loop;
                throw new ObjectDisposedException(GetType().Name);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var version = await ListAsync(cancellationToken);
                _listed.TrySetResult();
                await WatchAsync(version, cancellationToken);
            }
            catch (Exception exception) when (
                !cancellationToken.IsCancellationRequested
                && (IsWarmingUp(exception) || (IsInterruption(exception) && _listed.Task.IsCompleted)))
            {
                // The server closed the connection or forgot the version; the next list covers what was missed.
                await Task.Delay(ReconnectDelay, clock, cancellationToken);
            }
        }
    }

    // kube-apiserver answers like this while it creates the store of a new kind.
    private static bool IsWarmingUp(Exception exception) =>
        exception is HttpOperationException { Response.StatusCode: HttpStatusCode.TooManyRequests };

    // A call that the client ends at its own time limit appears as cancelled, although no caller cancelled it.
    private static bool IsInterruption(Exception exception) =>
        exception is HttpRequestException or HttpOperationException or KubernetesException or IOException
            or OperationCanceledException;

    private async Task<string?> ListAsync(CancellationToken cancellationToken)
    {
        var response = await list(cancellationToken);
        var present = response.Items.ToDictionary(Key);
        foreach (var gone in _objects.Where(entry => !present.ContainsKey(entry.Key)).Select(entry => entry.Value))
            Take(WatchEventType.Deleted, gone);
        foreach (var item in present.Values)
            Take(_objects.ContainsKey(Key(item)) ? WatchEventType.Modified : WatchEventType.Added, item);
        return response.Metadata.ResourceVersion;
    }

    private async Task WatchAsync(string? version, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await foreach (var (type, item) in watch(version, static failure => throw failure, cancellationToken))
            {
                version = item.Metadata.ResourceVersion;
                if (type is WatchEventType.Added or WatchEventType.Modified or WatchEventType.Deleted)
                    Take(type, item);
            }
        }
    }

    private void Take(WatchEventType type, T item)
    {
        if (type == WatchEventType.Deleted)
            _objects.TryRemove(Key(item), out _);
        else
            _objects[Key(item)] = item;
        Changed?.Invoke(type, item);
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _nextChange, next).SetResult();
    }

    private static string Describe(T item)
    {
        var status = JsonNode.Parse(KubernetesJson.Serialize(item))?["status"];
        return $"{item.Metadata.NamespaceProperty}/{item.Metadata.Name} {status?.ToJsonString()}";
    }

    private static (string, string) Key(T item) => (item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);
}
