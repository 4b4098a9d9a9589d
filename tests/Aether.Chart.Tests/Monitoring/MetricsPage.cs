using System.Text.RegularExpressions;
using Aether.TestServers;

namespace Aether.Chart.Tests.Monitoring;

/// <summary>The names that docs/metrics.md lists. EndToEnd tests hold that page to what is scraped.</summary>
internal static partial class MetricsPage
{
    private static readonly string[] OfHistograms = ["_bucket", "_sum", "_count"];

    /// <summary>All names a query may use, those that a histogram is made of included.</summary>
    public static IReadOnlySet<string> Names { get; } = Row()
        .Matches(File.ReadAllText(Clone.PathOf("docs", "metrics.md")))
        .SelectMany(row => row.Groups["type"].Value == "histogram"
            ? OfHistograms.Select(part => row.Groups["name"].Value + part).Append(row.Groups["name"].Value)
            : [row.Groups["name"].Value])
        .ToHashSet();

    /// <summary>What a text says of ours, as far as the names are concerned.</summary>
    public static IEnumerable<string> NamesIn(string text) => Name().Matches(text).Select(match => match.Value);

    [GeneratedRegex(@"^\| `(?<name>aether_[a-z0-9_]+)` \| (?<type>[a-z]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\baether_[a-z0-9_]+")]
    private static partial Regex Name();
}
