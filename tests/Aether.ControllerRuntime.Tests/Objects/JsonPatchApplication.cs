using System.Globalization;
using System.Text.Json.Nodes;

namespace Aether.ControllerRuntime.Tests.Objects;

/// <summary>Applies add, replace and remove as RFC 6902 defines them, for tests to check patches against.</summary>
internal static class JsonPatchApplication
{
    public static JsonNode Apply(JsonNode document, JsonArray patch)
    {
        var root = document.DeepClone();
        foreach (var operation in patch)
        {
            var path = ((string)operation!["path"]!).Split('/').Skip(1).Select(Unescape).ToList();
            var parent = path.SkipLast(1).Aggregate(root, (node, segment) => Step(node, segment)!);
            Change(parent, path[^1], (string)operation["op"]!, operation["value"]?.DeepClone());
        }

        return root;
    }

    private static string Unescape(string segment) => segment.Replace("~1", "/").Replace("~0", "~");

    private static int Index(string segment) => int.Parse(segment, CultureInfo.InvariantCulture);

    private static JsonNode? Step(JsonNode node, string segment) =>
        node is JsonArray array ? array[Index(segment)] : node.AsObject()[segment];

    private static void Change(JsonNode parent, string segment, string operation, JsonNode? value)
    {
        switch (parent, operation)
        {
            case (JsonArray array, "add"):
                array.Insert(segment == "-" ? array.Count : Index(segment), value);
                break;
            case (JsonArray array, "replace"):
                array[Index(segment)] = value;
                break;
            case (JsonArray array, "remove"):
                array.RemoveAt(Index(segment));
                break;
            case (JsonObject member, "remove"):
                Assert.True(member.Remove(segment));
                break;
            case (JsonObject member, "replace"):
                Assert.True(member.ContainsKey(segment));
                member[segment] = value;
                break;
            case (JsonObject member, "add"):
                member[segment] = value;
                break;
            default:
                Assert.Fail($"No way to {operation} {segment}.");
                break;
        }
    }
}
