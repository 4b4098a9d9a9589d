using System.Globalization;
using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Tools;

/// <summary>The chart as helm renders it without a cluster.</summary>
public sealed class HelmChart : IAsyncLifetime
{
    /// <summary>Namespace of releases.</summary>
    internal const string Namespace = "aether-system";

    private readonly TemporaryFolder _folder = new("chart");
    private int _values;

    /// <summary>Folder of the chart.</summary>
    internal static string Folder { get; } = Clone.PathOf("charts", "aether-persistence");

    internal Tool Helm { get; private set; } = null!;

    internal Tool Kubectl { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // No plugins, repositories or settings of the user.
        var home = new Dictionary<string, string>
        {
            ["HELM_CONFIG_HOME"] = _folder.File("config"),
            ["HELM_CACHE_HOME"] = _folder.File("cache"),
            ["HELM_DATA_HOME"] = _folder.File("data"),
            ["KUBECONFIG"] = _folder.File("none"),
        };
        Helm = new Tool(await Tool.FindHelmAsync(), _folder, home);
        Kubectl = new Tool(await Tool.FindKubectlAsync(), _folder, home);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Another program, whose output is kept in the same folder.</summary>
    internal Tool Other(string program) => new(program, _folder);

    /// <summary>The rendered objects for some values.</summary>
    internal async Task<IReadOnlyList<JsonObject>> RenderAsync(string values) =>
        ManifestFile.Read(await Helm.OutputAsync(await TemplateAsync(values)));

    /// <summary>helm's message for values that it refuses.</summary>
    internal async Task<string> RefusalAsync(string values)
    {
        var result = await Helm.RunAsync(await TemplateAsync(values));
        Assert.NotEqual(0, result.ExitCode);
        return result.Errors;
    }

    /// <summary>A file with these values.</summary>
    internal async Task<string> FileAsync(string values)
    {
        var number = Interlocked.Increment(ref _values).ToString(CultureInfo.InvariantCulture);
        var file = _folder.File($"values-{number}.yaml");
        await File.WriteAllTextAsync(file, values);
        return file;
    }

    private async Task<string[]> TemplateAsync(string values) =>
        ["template", "aether", Folder, "--namespace", Namespace, "--values", await FileAsync(values)];
}
