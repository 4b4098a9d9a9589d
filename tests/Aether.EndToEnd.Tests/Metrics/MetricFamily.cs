namespace Aether.EndToEnd.Tests.Metrics;

/// <summary>A metric, as on the page or in a scrape.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Labels">Its labels, each with the values that were seen or that the page allows.</param>
internal sealed record MetricFamily(string Name, string Type, SortedDictionary<string, SortedSet<string>> Labels)
{
    /// <summary>Name, type and label names, for comparison.</summary>
    public string Shape => $"{Name} {Type} {string.Join(',', Labels.Keys)}";
}
