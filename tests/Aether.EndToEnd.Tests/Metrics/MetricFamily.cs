namespace Aether.EndToEnd.Tests.Metrics;

/// <summary>A metric, as the page tells of it or a scrape shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Labels">Its labels, each with its values: those that were seen, or that the page allows.</param>
internal sealed record MetricFamily(string Name, string Type, SortedDictionary<string, SortedSet<string>> Labels)
{
    /// <summary>Name, type and names of the labels, to compare by.</summary>
    public string Shape => $"{Name} {Type} {string.Join(',', Labels.Keys)}";
}
