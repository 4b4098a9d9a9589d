using Aether.Chart.Tests.Rendering;
using Aether.Chart.Tests.Tools;
using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Values;

/// <summary>The source of the CRDs is crds/; a chart can only hold copies.</summary>
public sealed class CrdCopyTests(HelmChart chart) : IClassFixture<HelmChart>
{
    private static readonly string Source = Clone.PathOf("crds");
    private static readonly string Copies = Path.Combine(HelmChart.Folder, "files", "crds");

    [Fact]
    public void The_charts_copies_equal_the_files_in_crds()
    {
        var source = Files(Source).Where(file => file.Key != "kustomization.yaml");

        Assert.True(source.SequenceEqual(Files(Copies)), "crds/ and the chart's copies differ: run make chart-crds.");
    }

    [Fact]
    public async Task Rendered_CRD_differs_from_its_source_by_labels_and_one_annotation()
    {
        var source = ManifestFile.ReadFolder(Source);

        var rendered = (await chart.RenderAsync("")).Where(item => item.Kind() == "CustomResourceDefinition");

        Assert.All(source.Zip(rendered.OrderBy(item => item.Name(), StringComparer.Ordinal)), pair =>
        {
            var metadata = pair.Second["metadata"]!;
            Assert.Equal("""{"helm.sh/resource-policy":"keep"}""", metadata["annotations"]!.ToJsonString());
            Assert.True(JsonNode.DeepEquals(pair.First["spec"], pair.Second["spec"]));
            Assert.All(pair.First["metadata"]!["labels"]!.AsObject(), label =>
                Assert.Equal((string?)label.Value, (string?)metadata["labels"]![label.Key]));
        });
        Assert.Equal(source.Count, rendered.Count());
    }

    private static SortedDictionary<string, string> Files(string folder) => new(
        Directory.GetFiles(folder).ToDictionary(file => Path.GetFileName(file), File.ReadAllText),
        StringComparer.Ordinal);
}
