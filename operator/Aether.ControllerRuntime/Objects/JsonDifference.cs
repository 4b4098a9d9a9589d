using System.Globalization;
using System.Text.Json.Nodes;

namespace Aether.ControllerRuntime;

/// <summary>Finds the operations that turn one JSON value into another.</summary>
/// <remarks>
/// Arrays are compared from both ends, so that an insertion or removal in one place is one operation and leaves the
/// items around it alone.
/// </remarks>
internal static class JsonDifference
{
    public static void Append(JsonPatch patch, string path, JsonNode? before, JsonNode? after)
    {
        if (JsonNode.DeepEquals(before, after))
            return;

        if (before is JsonObject oldObject && after is JsonObject newObject)
            AppendMembers(patch, path, oldObject, newObject);
        else if (before is JsonArray oldArray && after is JsonArray newArray)
            AppendItems(patch, path, oldArray, newArray);
        else
            patch.Replace(path, after);
    }

    private static void AppendMembers(JsonPatch patch, string path, JsonObject before, JsonObject after)
    {
        foreach (var (name, value) in before)
        {
            var member = path + JsonPatch.PathTo(name);
            if (after.TryGetPropertyValue(name, out var replacement))
                Append(patch, member, value, replacement);
            else
                patch.Remove(member);
        }

        foreach (var (name, value) in after)
        {
            if (!before.ContainsKey(name))
                patch.Add(path + JsonPatch.PathTo(name), value);
        }
    }

    private static void AppendItems(JsonPatch patch, string path, JsonArray before, JsonArray after)
    {
        var shorter = Math.Min(before.Count, after.Count);
        var start = 0;
        while (start < shorter && JsonNode.DeepEquals(before[start], after[start]))
            start++;
        var tail = 0;
        while (tail < shorter - start && JsonNode.DeepEquals(before[^(tail + 1)], after[^(tail + 1)]))
            tail++;

        var (oldEnd, newEnd) = (before.Count - tail, after.Count - tail);
        var index = start;
        for (; index < oldEnd && index < newEnd; index++)
            Append(patch, Item(path, index), before[index], after[index]);
        for (var surplus = oldEnd - 1; surplus >= index; surplus--)
            patch.Remove(Item(path, surplus));
        for (; index < newEnd; index++)
            patch.Add(Item(path, index), after[index]);
    }

    private static string Item(string path, int index) => $"{path}/{index.ToString(CultureInfo.InvariantCulture)}";
}
