using System.Text.Json.Nodes;

namespace Aether.ControllerRuntime.Tests.Objects;

[Trait("Kind", "Unit")]
public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "[]")]
    [InlineData("""{"a":1}""", """{"a":2}""", """[{"op":"replace","path":"/a","value":2}]""")]
    [InlineData("""{"a":1}""", """{}""", """[{"op":"remove","path":"/a"}]""")]
    [InlineData("""{}""", """{"a/b~c":null}""", """[{"op":"add","path":"/a~1b~0c","value":null}]""")]
    [InlineData("""{"l":[2,3]}""", """{"l":[1,2,3]}""", """[{"op":"add","path":"/l/0","value":1}]""")]
    [InlineData("""{"l":[1,2,3]}""", """{"l":[1,3]}""", """[{"op":"remove","path":"/l/1"}]""")]
    [InlineData("""{"l":[1]}""", """{"l":[1,2]}""", """[{"op":"add","path":"/l/1","value":2}]""")]
    [InlineData("""{"l":[{"n":1}]}""", """{"l":[{"n":2}]}""", """[{"op":"replace","path":"/l/0/n","value":2}]""")]
    [InlineData("""{"v":null}""", """{"v":{}}""", """[{"op":"replace","path":"/v","value":{}}]""")]
    public void The_difference_is_as_small_as_it_can_be(string before, string after, string expected)
    {
        var patch = JsonPatch.Between(JsonNode.Parse(before)!, JsonNode.Parse(after)!);

        Assert.Equal(expected, patch.ToString());
    }

    [Fact]
    public void Applying_the_difference_yields_the_target()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 2000; round++)
        {
            var (before, after) = (Make(random, 3), Make(random, 3));

            var patched = JsonPatchApplication.Apply(before, JsonPatch.Between(before, after).ToJson());

            Assert.True(JsonNode.DeepEquals(after, patched), $"{before.ToJsonString()} -> {after.ToJsonString()}");
        }
    }

    private static JsonObject Make(Random random, int depth)
    {
        var made = new JsonObject();
        foreach (var name in new[] { "a", "b/c", "~d" }.Where(_ => random.Next(4) > 0))
            made[name] = Value(random, depth);
        return made;
    }

    private static JsonNode? Value(Random random, int depth) => (depth > 0 ? random.Next(5) : random.Next(3)) switch
    {
        0 => null,
        1 => random.Next(3),
        2 => "text",
        3 => Make(random, depth - 1),
        _ => new JsonArray([.. Enumerable.Range(0, random.Next(5)).Select(_ => Value(random, depth - 1))]),
    };
}
