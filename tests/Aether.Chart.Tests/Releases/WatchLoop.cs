using Aether.DevCluster.Api;
using k8s;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>Does a round now, and another one whenever a pod or one of the objects has changed.</summary>
/// <param name="objects">What it follows besides pods; its own.</param>
/// <param name="pods">All pods; the node's.</param>
/// <param name="round">What to do. An exception ends the loop, and comes out of disposal.</param>
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
            // That is how it ends.
        }

        await objects.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Taken before the round: a change in the midst of it calls for another.
            var next = Task.WhenAny(objects.NextChange, pods.NextChange);
            await round(cancellationToken);
            await next.WaitAsync(cancellationToken);
        }
    }
}
