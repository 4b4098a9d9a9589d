using System.Text.RegularExpressions;
using Aether.TestServers;

namespace Aether.Chart.Tests.Monitoring;

/// <summary>The names in docs/metrics.md. EndToEnd tests compare that page with real scrapes.</summary>
internal static partial class MetricsPage
{
    private static readonly string[] OfHistograms = ["_bucket", "_sum", "_count"];

    /// <summary>All names that a query may use, including the parts of histograms.</summary>
    public static IReadOnlySet<string> Names { get; } = Row()
        .Matches(File.ReadAllText(Clone.PathOf("docs", "metrics.md")))
        .SelectMany(row => row.Groups["type"].Value == "histogram"
            ? OfHistograms.Select(part => row.Groups["name"].Value + part).Append(row.Groups["name"].Value)
            : [row.Groups["name"].Value])
        .ToHashSet();

    /// <summary>Our metric names in a text.</summary>
    public static IEnumerable<string> NamesIn(string text) => Name().Matches(text).Select(match => match.Value);

    [GeneratedRegex(@"^\| `(?<name>aether_[a-z0-9_]+)` \| (?<type>[a-z]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\baether_[a-z0-9_]+")]
    private static partial Regex Name();
}
