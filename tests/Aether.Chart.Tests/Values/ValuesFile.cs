using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;

namespace Aether.Chart.Tests.Values;

/// <summary>values.yaml.</summary>
internal static class ValuesFile
{
    /// <summary>All values by path, as far down as <paramref name="leaves"/> go.</summary>
    public static IReadOnlyDictionary<string, JsonNode?> Read(IReadOnlySet<string> leaves)
    {
        var root = ManifestFile.Read(File.ReadAllText(Path.Combine(HelmChart.Folder, "values.yaml"))).Single();
        return Flatten(root, "").ToDictionary(value => value.Path, value => value.Node);

        IEnumerable<(string Path, JsonNode? Node)> Flatten(JsonObject map, string path) => map.SelectMany(entry =>
            entry.Value is JsonObject inner && !leaves.Contains(path + entry.Key)
                ? Flatten(inner, path + entry.Key + ".")
                : [(path + entry.Key, entry.Value)]);
    }
}
