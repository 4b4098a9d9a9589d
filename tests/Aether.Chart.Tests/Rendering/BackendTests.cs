using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Rendering;

/// <summary>How the chart renders a backend from values.</summary>
public sealed class BackendTests(HelmChart chart) : IClassFixture<HelmChart>
{
    [Fact]
    public async Task Values_can_set_every_field_of_a_backend_to_another_value_than_its_default()
    {
        var set = new HashSet<string>();
        foreach (var values in ValuesCases.All.Values)
        {
            foreach (var backend in Backends(await chart.RenderAsync(values)))
                set.UnionWith(Leaves("spec", backend["spec"]!));
        }

        Assert.All(Fields(), field => Assert.Contains(
            set,
            leaf => leaf.StartsWith($"{field.Path}=", StringComparison.Ordinal)
                && leaf != $"{field.Path}={field.Default}"));
    }

    [Theory]
    [InlineData("a backend with PostgreSQL alone", "postgres")]
    [InlineData("a backend with PostgreSQL and Redis", "postgres redis")]
    [InlineData("a backend with PostgreSQL and NATS", "postgres nats")]
    [InlineData("the quick start with Redis and NATS", "postgres redis nats")]
    public async Task Store_that_the_values_omit_is_not_in_the_backend(string values, string stores)
    {
        var backend = Assert.Single(Backends(await chart.RenderAsync(ValuesCases.All[values])));

        Assert.Equal(stores.Split(' '), backend["spec"]!.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task Secret_without_a_namespace_is_looked_for_in_the_operators()
    {
        var backend = Assert.Single(Backends(await chart.RenderAsync(ValuesCases.All["a backend"])));

        Assert.Equal(HelmChart.Namespace, (string?)backend["spec"]!["postgres"]!["caSecretRef"]!["namespace"]);
        Assert.Equal("lobby", (string?)backend["spec"]!["redis"]!["adminSecretRef"]!["namespace"]);
    }

    private static IEnumerable<JsonObject> Backends(IEnumerable<JsonObject> objects) =>
        objects.Where(item => item.Kind() == "PersistenceBackend");

    private static IEnumerable<(string Path, string? Default)> Fields()
    {
        var definition = ManifestFile.ReadFolder(Clone.PathOf("crds"))
            .Single(item => item.Name().StartsWith("persistencebackends.", StringComparison.Ordinal));
        var schema = definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;
        return Fields("spec", schema);
    }

    private static IEnumerable<(string Path, string? Default)> Fields(string path, JsonNode schema) =>
        schema["properties"] is JsonObject properties
            ? properties.SelectMany(property => Fields($"{path}.{property.Key}", property.Value!))
            : schema["items"] is { } items ? Fields($"{path}[]", items)
            : [(path, schema["default"]?.ToString())];

    private static IEnumerable<string> Leaves(string path, JsonNode value) => value switch
    {
        JsonObject fields => fields.SelectMany(field => Leaves($"{path}.{field.Key}", field.Value!)),
        JsonArray items => items.SelectMany(item => Leaves($"{path}[]", item!)),
        _ => [$"{path}={value}"],
    };
}
