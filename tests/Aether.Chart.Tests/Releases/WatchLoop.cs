using Aether.DevCluster.Api;
using k8s;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>Runs a round now, and another whenever a pod or one of the objects has changed.</summary>
/// <param name="objects">The objects to follow besides pods; owned by the loop.</param>
/// <param name="pods">All pods; owned by the node.</param>
/// <param name="round">The round. An exception ends the loop, and is thrown on disposal.</param>
internal sealed class WatchLoop<T, TList>(
    ObjectCache<T, TList> objects, ObjectCache<V1Pod, V1PodList> pods, Func<CancellationToken, Task> round)
    : IAsyncDisposable
    where T : IKubernetesObject<V1ObjectMeta>
    where TList : IItems<T>, IMetadata<V1ListMeta>
{
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await objects.StartAsync(cancellationToken);
        _loop = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loop;
        }
        catch (OperationCanceledException)
        {
            // The loop was cancelled.
        }

        await objects.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Read before the round: a change during the round requires another one.
            var next = Task.WhenAny(objects.NextChange, pods.NextChange);
            await round(cancellationToken);
            await next.WaitAsync(cancellationToken);
        }
    }
}
