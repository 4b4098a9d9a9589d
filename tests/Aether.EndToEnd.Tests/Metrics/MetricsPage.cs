using System.Text.RegularExpressions;
using Aether.TestServers;

namespace Aether.EndToEnd.Tests.Metrics;

/// <summary>Reads docs/metrics.md.</summary>
internal sealed partial class MetricsPage
{
    private const int Columns = 5;

    private readonly string[] _lines = File.ReadAllLines(Clone.PathOf("docs", "metrics.md"));

    /// <summary>Names of the metrics of any .NET process on the page.</summary>
    public IEnumerable<string> OfAnyProcess => _lines
        .SelectMany(line => ProcessMetric().Matches(line))
        .Select(match => match.Groups["name"].Value)
        .Distinct();

    /// <summary>The tables of a section, including its subsections.</summary>
    public IReadOnlyList<MetricFamily> Section(string title) =>
    [
        .. _lines
            .SkipWhile(line => line != $"## {title}")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `aether_", StringComparison.Ordinal))
            .Select(Row),
    ];

    private static MetricFamily Row(string line)
    {
        var cells = line.Trim('|').Split('|').Select(cell => cell.Trim()).ToList();
        Assert.True(cells.Count == Columns, $"'{line}' should have {Columns} columns.");
        var labels = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (Match label in Label().Matches(cells[2]))
        {
            labels.Add(
                label.Groups["name"].Value,
                new SortedSet<string>(label.Groups["values"].Value.Split(", "), StringComparer.Ordinal));
        }

        return new MetricFamily(cells[0].Trim('`'), cells[1], labels);
    }

    [GeneratedRegex("`(?<name>[a-z_]+)`: (?<values>[^;]+)")]
    private static partial Regex Label();

    [GeneratedRegex("`(?<name>(process|dotnet)_[a-z_]+)")]
    private static partial Regex ProcessMetric();
}
