using System.Text.Json.Nodes;

namespace Aether.ControllerRuntime;

/// <summary>A JSON patch (RFC 6902): operations that apply in order, all or none.</summary>
public sealed class JsonPatch
{
    private readonly JsonArray _operations = [];

    /// <summary>Whether the patch has no operations.</summary>
    public bool IsEmpty => _operations.Count == 0;

    /// <summary>The number of operations.</summary>
    public int Count => _operations.Count;

    /// <summary>The patch that turns <paramref name="before"/> into <paramref name="after"/>.</summary>
    public static JsonPatch Between(JsonNode before, JsonNode after)
    {
        var patch = new JsonPatch();
        JsonDifference.Append(patch, "", before, after);
        return patch;
    }

    /// <summary>Requires that the value at <paramref name="path"/> equals <paramref name="value"/>.</summary>
    public JsonPatch Test(string path, JsonNode? value) => Append("test", path, value);

    /// <summary>Sets a member, or inserts before an item of an array (<c>-</c> appends).</summary>
    public JsonPatch Add(string path, JsonNode? value) => Append("add", path, value);

    /// <summary>Overwrites a value that exists.</summary>
    public JsonPatch Replace(string path, JsonNode? value) => Append("replace", path, value);

    /// <summary>Removes a value that exists.</summary>
    public JsonPatch Remove(string path)
    {
        _operations.Add(new JsonObject { ["op"] = "remove", ["path"] = path });
        return this;
    }

    /// <summary>A path of member names or indexes, each escaped (RFC 6901).</summary>
    public static string PathTo(params IEnumerable<string> segments) =>
        string.Concat(segments.Select(segment => "/" + segment.Replace("~", "~0").Replace("/", "~1")));

    /// <summary>The array of operations.</summary>
    public JsonArray ToJson() => (JsonArray)_operations.DeepClone();

    /// <summary>The array of operations as text.</summary>
    public override string ToString() => _operations.ToJsonString();

    private JsonPatch Append(string operation, string path, JsonNode? value)
    {
        _operations.Add(new JsonObject { ["op"] = operation, ["path"] = path, ["value"] = value?.DeepClone() });
        return this;
    }
}
