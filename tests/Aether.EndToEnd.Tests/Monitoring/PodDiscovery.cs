using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aether.DevCluster.Api;
using k8s;
using k8s.Models;

namespace Aether.EndToEnd.Tests.Monitoring;

/// <summary>
/// Gives Prometheus the cluster's pods in a file, as its own discovery in Kubernetes would, because Debian's build
/// lacks that. The values come from the API server's objects.
/// </summary>
internal sealed partial class PodDiscovery : IDisposable
{
    private readonly ObjectCache<V1Pod, V1PodList> _pods;
    private readonly string _file;
    private readonly Lock _lock = new();
    private bool _ended;

    public PodDiscovery(ObjectCache<V1Pod, V1PodList> pods, string file)
    {
        (_pods, _file) = (pods, file);
        _pods.Changed += Take;
        Write();
    }

    /// <summary>Name of discovery's label for a pod's label.</summary>
    public static string MetaLabel(string kind, string label) =>
        $"__meta_kubernetes_pod_{kind}_{Unnameable().Replace(label, "_")}";

    /// <inheritdoc />
    public void Dispose()
    {
        _pods.Changed -= Take;
        lock (_lock)
            _ended = true;
    }

    private void Take(WatchEventType type, V1Pod pod) => Write();

    private void Write()
    {
        lock (_lock)
        {
            if (_ended)
                return;

            // Under another name first: otherwise Prometheus could read half of the file.
            File.WriteAllText(_file + ".new", JsonSerializer.Serialize(_pods.Items.SelectMany(Targets)));
            File.Move(_file + ".new", _file, overwrite: true);
        }
    }

    private static IEnumerable<object> Targets(V1Pod pod) =>
        from container in pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? [])
        from port in container.Ports ?? []
        where pod.Status?.PodIP is { Length: > 0 }
        select new
        {
            targets = new[] { string.Create(CultureInfo.InvariantCulture, $"{pod.Status.PodIP}:{port.ContainerPort}") },
            labels = Labels(pod, container, port),
        };

    private static Dictionary<string, string> Labels(V1Pod pod, V1Container container, V1ContainerPort port)
    {
        var labels = new Dictionary<string, string>
        {
            ["__meta_kubernetes_namespace"] = pod.Metadata.NamespaceProperty,
            ["__meta_kubernetes_pod_name"] = pod.Metadata.Name,
            ["__meta_kubernetes_pod_phase"] = pod.Status.Phase ?? "",
            ["__meta_kubernetes_pod_container_name"] = container.Name,
            ["__meta_kubernetes_pod_container_port_name"] = port.Name ?? "",
        };
        foreach (var (name, value) in pod.Metadata.Labels ?? new Dictionary<string, string>())
        {
            labels[MetaLabel("label", name)] = value;
            labels[MetaLabel("labelpresent", name)] = "true";
        }

        return labels;
    }

    [GeneratedRegex("[^a-zA-Z0-9_]")]
    private static partial Regex Unnameable();
}
