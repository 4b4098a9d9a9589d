using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Monitoring;

/// <summary>One rule of the chart's rule files. Several rules may share a name, with different severities.</summary>
/// <param name="Name">Name of the alert.</param>
/// <param name="Rule">The whole rule.</param>
internal sealed record Alert(string Name, JsonObject Rule)
{
    /// <summary>Folder of the rule files.</summary>
    public static string Folder { get; } = Clone.PathOf("charts", "aether-persistence", "files", "rules");

    /// <summary>The rule files.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.GetFiles(Folder, "*.yaml").Order(StringComparer.Ordinal)];

    /// <summary>All alerts.</summary>
    public static IReadOnlyList<Alert> All { get; } =
    [
        .. Files.SelectMany(file => ManifestFile.Read(File.ReadAllText(file)))
            .SelectMany(file => file["groups"]!.AsArray())
            .SelectMany(group => group!["rules"]!.AsArray())
            .Select(rule => new Alert((string)rule!["alert"]!, rule.AsObject())),
    ];

    /// <summary>All names, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Select(alert => alert.Name).Distinct()];

    public string Expression => (string)Rule["expr"]!;

    public string? Severity => (string?)Rule["labels"]?["severity"];

    public string? Annotation(string name) => (string?)Rule["annotations"]?[name];
}
