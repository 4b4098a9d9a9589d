using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Rendering;

/// <summary>config/ is the chart for users without Helm: the default installation, and its monitoring.</summary>
public sealed class KustomizeTests(HelmChart chart, ApiFixture api)
    : IClassFixture<HelmChart>, IClassFixture<ApiFixture>
{
    private static readonly string Default = Clone.PathOf("config", "default");

    private static readonly string[] OnlyOfHelm =
    [
        "app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "app.kubernetes.io/version", "helm.sh/chart",
        "helm.sh/resource-policy",
    ];

    [Fact]
    public async Task Kustomization_renders_to_the_objects_of_the_chart_and_a_namespace()
    {
        var objects = ManifestFile.Read(await chart.Kubectl.OutputAsync("kustomize", Default));
        var ofHelm = await chart.RenderAsync("");

        var others = objects.Where(item => item.Kind() != "Namespace").ToDictionary(item => item.Identity());

        Assert.Equal(Tools.HelmChart.Namespace, Assert.Single(objects, item => item.Kind() == "Namespace").Name());
        Assert.Equal(
            ofHelm.Select(item => item.Identity()).Order(StringComparer.Ordinal),
            others.Keys.Order(StringComparer.Ordinal));
        Assert.All(ofHelm, item =>
            Assert.Equal(Text(WithoutHelm(item)), Text(WithoutHelm(others[item.Identity()]))));
    }

    [Theory]
    [InlineData("prometheus", "{podMonitor: {enabled: true}, monitoring: {prometheusRule: {enabled: true}}}")]
    [InlineData("dashboards", "monitoring: {dashboards: {enabled: true}}")]
    public async Task Kustomization_of_monitoring_renders_to_what_the_chart_adds_for_it(string folder, string values)
    {
        var objects = ManifestFile.Read(await chart.Kubectl.OutputAsync(
            "kustomize", Clone.PathOf("config", folder)));
        var without = (await chart.RenderAsync("")).Select(item => item.Identity()).ToHashSet();

        var added = (await chart.RenderAsync(values)).Where(item => !without.Contains(item.Identity())).ToList();

        Assert.NotEmpty(added);
        Assert.Equal(Sorted(added), Sorted(objects));

        static IEnumerable<string> Sorted(IEnumerable<JsonObject> items) =>
            items.OrderBy(item => item.Identity(), StringComparer.Ordinal).Select(item => Text(WithoutHelm(item)));
    }

    [Fact]
    public async Task Kustomization_can_be_applied_twice_and_the_second_time_changes_nothing()
    {
        var output = await api.Kubectl.OutputAsync("apply", "-k", Default);
        var first = await VersionsAsync();
        await api.Kubectl.OutputAsync("apply", "-k", Default);
        var second = await VersionsAsync();

        Assert.Contains("deployment.apps/aether-operator created", output, StringComparison.Ordinal);
        Assert.Equal(16, first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(first, second);
    }

    private Task<string> VersionsAsync() => api.Kubectl.OutputAsync(
        "get", "-k", Default, "-o",
        "jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.resourceVersion}{\"\\n\"}{end}");

    private static JsonObject WithoutHelm(JsonObject item)
    {
        var copy = item.DeepClone().AsObject();
        foreach (var part in (string[])["labels", "annotations"])
        {
            if (copy["metadata"]![part] is not JsonObject map)
                continue;
            foreach (var name in OnlyOfHelm)
                map.Remove(name);
            if (map.Count == 0)
                copy["metadata"]!.AsObject().Remove(part);
        }

        return copy;
    }

    // In a fixed order, so that a failure shows the difference.
    private static string Text(JsonNode? node) => node switch
    {
        JsonObject map => $"{{{string.Join(",\n", map.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => $"{entry.Key}: {Text(entry.Value)}"))}}}",
        JsonArray list => $"[{string.Join(", ", list.Select(Text))}]",
        _ => node?.ToJsonString() ?? "null",
    };
}
