using System.Text.Json.Nodes;
using YamlDotNet.Serialization;
using YamlDotNet.RepresentationModel;

namespace Aether.DevCluster.Clusters;

/// <summary>Reads Kubernetes manifests from YAML.</summary>
internal static class ManifestFile
{
    /// <summary>The objects of all YAML files of a folder, ordered by file name, without kustomizations.</summary>
    public static IReadOnlyList<JsonObject> ReadFolder(string folder) =>
        [.. Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
            .Where(file => Path.GetFileName(file) != "kustomization.yaml")
            .SelectMany(file => Read(File.ReadAllText(file)))];

    /// <summary>The objects of a YAML text.</summary>
    public static IReadOnlyList<JsonObject> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var writer = new SerializerBuilder().JsonCompatible().Build();
        return [.. stream.Documents
            .Select(document => reader.Deserialize<object?>(TextOf(document)))
            .Where(content => content is not null)
            .Select(content => JsonNode.Parse(writer.Serialize(content))!.AsObject())];
    }

    private static string TextOf(YamlDocument document)
    {
        using var text = new StringWriter();
        new YamlStream(document).Save(text, assignAnchors: false);
        return text.ToString();
    }
}
