using System.Net;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// Writes a pod's status: one write at a time, always the newest state, and nothing if nothing has changed.
/// </summary>
internal sealed class PodStatusWriter(IKubernetes client, V1Pod pod, Func<V1PodStatus> build, TimeProvider clock)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Channel<bool> _touched = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Signals a change.</summary>
    public void Touch() => _touched.Writer.TryWrite(true);

    /// <summary>Lets <see cref="RunAsync"/> write the last state and complete.</summary>
    public void Complete() => _touched.Writer.TryComplete();

    /// <summary>Writes until completed, cancelled, or the pod is deleted.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var written = "";
        await foreach (var _ in _touched.Reader.ReadAllAsync(cancellationToken))
        {
            var status = build();
            var text = KubernetesJson.Serialize(new { metadata = new { uid = pod.Metadata.Uid }, status });
            if (text == written)
                continue;
            if (!await WriteAsync(text, cancellationToken))
                return;
            written = text;
        }
    }

    private async Task<bool> WriteAsync(string text, CancellationToken cancellationToken)
    {
        var patch = new V1Patch(text, V1Patch.PatchType.MergePatch);
        while (true)
        {
            try
            {
                await client.CoreV1.PatchNamespacedPodStatusAsync(
                    patch, pod.Metadata.Name, pod.Metadata.NamespaceProperty, cancellationToken: cancellationToken);
                return true;
            }
            catch (HttpOperationException exception)
                when (exception.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict
                    || IsAnother(exception.Response))
            {
                return false;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(RetryDelay, clock, cancellationToken);
            }
        }
    }

    // Another pod of the same name exists now.
    private static bool IsAnother(HttpResponseMessageWrapper response) =>
        response.StatusCode == HttpStatusCode.UnprocessableEntity
        && response.Content.Contains("metadata.uid", StringComparison.Ordinal);
}
