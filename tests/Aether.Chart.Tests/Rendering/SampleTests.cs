using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Rendering;

/// <summary>
/// The manifests of config/samples. The quick start and the operator's tests apply them; these tests make sure that
/// none is forgotten.
/// </summary>
public sealed class SampleTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly string Folder = Clone.PathOf("config", "samples");

    /// <summary>All manifests, except for the chart's values.</summary>
    public static TheoryData<string> Manifests =>
    [
        .. Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("values.yaml", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task API_server_accepts_every_object_of_a_sample(string sample)
    {
        var objects = ManifestFile.Read(await File.ReadAllTextAsync(
            Path.Combine(Folder, sample), TestContext.Current.CancellationToken));
        foreach (var name in objects.Select(NamespaceOf).OfType<string>().Distinct())
            await api.EnsureNamespaceAsync(name);

        var answers = await api.DryRunAsync(objects);

        Assert.NotEmpty(objects);
        Assert.Equal(objects.Count, answers.Count);
        Assert.All(
            answers,
            answer => Assert.EndsWith(" serverside-applied (server dry run)", answer, StringComparison.Ordinal));
    }

    private static string? NamespaceOf(JsonObject item) => (string?)item["metadata"]!["namespace"];
}
