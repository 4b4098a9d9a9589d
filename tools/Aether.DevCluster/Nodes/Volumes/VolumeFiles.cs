using System.Text;
using k8s.Models;

namespace Aether.DevCluster.Nodes.Volumes;

/// <summary>The present files of a volume made of Secrets, ConfigMaps and fields of the pod.</summary>
internal sealed class VolumeFiles(V1Pod pod, string podAddress, ClusterObjects objects)
{
    /// <summary>The files by relative path; null for a volume of another kind.</summary>
    /// <exception cref="NotYetException">A source that is not optional is missing.</exception>
    public IReadOnlyDictionary<string, byte[]>? Of(V1Volume volume) => volume switch
    {
        { Secret: { } secret } => Merge([Secret(secret.SecretName, secret.Items, secret.Optional)]),
        { ConfigMap: { } map } => Merge([ConfigMap(map.Name, map.Items, map.Optional)]),
        { DownwardAPI: { } downward } => Merge([Fields(downward.Items)]),
        { Projected: { } projected } => Merge((projected.Sources ?? []).Select(Source)),
        _ => null,
    };

    private IEnumerable<KeyValuePair<string, byte[]>> Source(V1VolumeProjection source) => source switch
    {
        { Secret: { } secret } => Secret(secret.Name, secret.Items, secret.Optional),
        { ConfigMap: { } map } => ConfigMap(map.Name, map.Items, map.Optional),
        { DownwardAPI: { } downward } => Fields(downward.Items),
        _ => throw new NotYetException(
            NotYetException.ContainerCreating, "a projected source other than secret, configMap and downwardAPI"),
    };

    private IEnumerable<KeyValuePair<string, byte[]>> Secret(string name, IList<V1KeyToPath>? items, bool? optional) =>
        Pick(objects.FindSecret(pod.Metadata.NamespaceProperty, name), $"secret \"{name}\"", items, optional);

    private IEnumerable<KeyValuePair<string, byte[]>> ConfigMap(
        string name, IList<V1KeyToPath>? items, bool? optional) =>
        Pick(objects.FindConfigMap(pod.Metadata.NamespaceProperty, name), $"configmap \"{name}\"", items, optional);

    private IEnumerable<KeyValuePair<string, byte[]>> Fields(IList<V1DownwardAPIVolumeFile>? items) =>
        (items ?? []).Select(item => KeyValuePair.Create(
            item.Path, Encoding.UTF8.GetBytes(FieldReferences.Read(pod, podAddress, item.FieldRef.FieldPath))));

    private static IEnumerable<KeyValuePair<string, byte[]>> Pick(
        IDictionary<string, byte[]>? data, string what, IList<V1KeyToPath>? items, bool? optional)
    {
        if (data is null)
        {
            return optional == true
                ? []
                : throw new NotYetException(NotYetException.ContainerCreating, $"{what} not found");
        }

        if (items is null or { Count: 0 })
            return data;
        return items.Where(item => data.ContainsKey(item.Key) || optional != true).Select(item =>
            data.TryGetValue(item.Key, out var content)
                ? KeyValuePair.Create(item.Path, content)
                : throw new NotYetException(
                    NotYetException.ContainerCreating, $"{what} has no key \"{item.Key}\""));
    }

    private static Dictionary<string, byte[]> Merge(IEnumerable<IEnumerable<KeyValuePair<string, byte[]>>> parts)
    {
        var files = new Dictionary<string, byte[]>();
        foreach (var (name, content) in parts.SelectMany(part => part))
            files[name] = content;
        return files;
    }
}
