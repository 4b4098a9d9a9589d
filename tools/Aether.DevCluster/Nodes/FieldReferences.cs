using System.Text.RegularExpressions;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>The downward API: fields of a pod as text.</summary>
internal static partial class FieldReferences
{
    /// <exception cref="NotYetException">The downward API does not have the field.</exception>
    public static string Read(V1Pod pod, string podAddress, string path)
    {
        if (Subscript().Match(path) is { Success: true } match)
        {
            var map = match.Groups["map"].Value == "labels" ? pod.Metadata.Labels : pod.Metadata.Annotations;
            return map?.TryGetValue(match.Groups["key"].Value, out var value) == true ? value : "";
        }

        return path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.NamespaceProperty,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => Lines(pod.Metadata.Labels),
            "metadata.annotations" => Lines(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName,
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.podIP" or "status.podIPs" => podAddress,
            "status.hostIP" or "status.hostIPs" => "127.0.0.1",
            _ => throw new NotYetException(NotYetException.ConfigError, $"fieldPath '{path}' is not supported"),
        };
    }

    private static string Lines(IDictionary<string, string>? map) =>
        string.Join('\n', (map ?? new Dictionary<string, string>()).Select(entry => $"{entry.Key}=\"{entry.Value}\""));

    [GeneratedRegex(@"^metadata\.(?<map>labels|annotations)\['(?<key>[^']+)'\]$")]
    private static partial Regex Subscript();
}
