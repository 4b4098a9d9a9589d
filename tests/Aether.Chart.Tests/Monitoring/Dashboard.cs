using System.Text.Json.Nodes;
using Aether.TestServers;

namespace Aether.Chart.Tests.Monitoring;

/// <summary>A dashboard of the chart.</summary>
/// <param name="Name">Name of its file, without extension.</param>
/// <param name="Content">The whole dashboard.</param>
internal sealed record Dashboard(string Name, JsonObject Content)
{
    private static readonly string Folder = Clone.PathOf("charts", "aether-persistence", "files", "dashboards");

    /// <summary>All dashboards by name.</summary>
    public static IReadOnlyDictionary<string, Dashboard> All { get; } = Directory.GetFiles(Folder, "*.json")
        .Select(file => new Dashboard(
            Path.GetFileNameWithoutExtension(file), JsonNode.Parse(File.ReadAllText(file))!.AsObject()))
        .ToDictionary(board => board.Name);

    /// <summary>All names, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Keys.Order(StringComparer.Ordinal)];

    public IReadOnlyList<JsonObject> Panels =>
        [.. Content["panels"]!.AsArray().Select(panel => panel!.AsObject())];

    public IReadOnlyList<JsonObject> Variables =>
        [.. Content["templating"]!["list"]!.AsArray().Select(variable => variable!.AsObject())];

    /// <summary>All queries, of panels and of variables.</summary>
    public IEnumerable<string> Queries =>
        Panels.SelectMany(panel => panel["targets"]!.AsArray()).Select(target => (string)target!["expr"]!)
            .Concat(Variables.Select(variable => (string?)variable["definition"]).OfType<string>());
}
