using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;

namespace Aether.Chart.Tests.Values;

/// <summary>values.schema.json, with references followed.</summary>
internal sealed class ValuesSchema
{
    private readonly JsonObject _root;

    public ValuesSchema()
    {
        _root = JsonNode.Parse(File.ReadAllText(Path.Combine(HelmChart.Folder, "values.schema.json")))!.AsObject();
    }

    /// <summary>Paths of all values. A map or list with parts defined by Kubernetes is one value.</summary>
    public IReadOnlySet<string> Leaves() => Leaves(_root, "").Where(leaf => leaf != "global").ToHashSet();

    /// <summary>The schema of one part.</summary>
    public JsonObject At(params IEnumerable<string> path) =>
        path.Aggregate(_root, (schema, name) => Follow(schema["properties"]![name]!));

    /// <summary>Paths of all maps that list names and would nevertheless accept unknown ones.</summary>
    public IEnumerable<string> LaxMaps() => Lax(_root, "");

    /// <summary>The target of a reference, or the schema itself.</summary>
    public JsonObject Follow(JsonNode schema) => (string?)schema["$ref"] is { } reference
        ? _root["definitions"]![reference["#/definitions/".Length..]]!.AsObject()
        : schema.AsObject();

    private IEnumerable<string> Leaves(JsonObject schema, string path)
    {
        foreach (var (name, part) in schema["properties"]!.AsObject())
        {
            var (here, own) = (path + name, Follow(part!));
            // The parts of a reference are set together or not at all.
            if (own["properties"] is null || own["dependencies"] is not null)
                yield return here;
            else
            {
                foreach (var leaf in Leaves(own, here + "."))
                    yield return leaf;
            }
        }
    }

    private IEnumerable<string> Lax(JsonObject schema, string path)
    {
        if (schema["properties"] is not JsonObject properties)
            yield break;
        if ((bool?)schema["additionalProperties"] != false)
            yield return path;
        foreach (var (name, part) in properties)
        {
            foreach (var found in Lax(Follow(part!), $"{path}/{name}"))
                yield return found;
        }
    }
}
