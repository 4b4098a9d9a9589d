using System.Globalization;
using System.Text.RegularExpressions;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.EndToEnd.Tests.Metrics;

/// <summary>The answer of /metrics, in the text format.</summary>
internal sealed partial class Scrape
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, MetricFamily> _families = [];
    private readonly Dictionary<string, double> _samples = [];

    private Scrape(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Read(line);
    }

    public IReadOnlyCollection<MetricFamily> Families => _families.Values;

    /// <summary>Samples by name and labels, as text.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    /// <summary>Scrapes the operator.</summary>
    public static Task<Scrape> FromOperatorAsync(TestBed bed, CancellationToken cancellationToken) =>
        FromAsync("127.0.0.1", bed.Cluster.Operator.HealthPort, cancellationToken);

    /// <summary>Scrapes the agent in a pod, once it listens.</summary>
    public static async Task<Scrape> FromAgentAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await FromAsync(pod.Status.PodIP, AetherNames.HealthPort, cancellationToken);
            }
            catch (HttpRequestException exception) when (
                exception.HttpRequestError == HttpRequestError.ConnectionError)
            {
                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static async Task<Scrape> FromAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return new Scrape(
            await http.GetStringAsync(new UriBuilder("http", host, port, "metrics").Uri, cancellationToken));
    }

    private void Read(string line)
    {
        if (Type().Match(line) is { Success: true } type)
        {
            var name = type.Groups["name"].Value;
            _families.Add(name, new MetricFamily(name, type.Groups["type"].Value, new(StringComparer.Ordinal)));
            return;
        }

        if (line.StartsWith('#'))
            return;
        var sample = Sample().Match(line);
        Assert.True(sample.Success, $"'{line}' is not a sample.");
        _samples.Add(
            sample.Groups["series"].Value,
            double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
        var family = FamilyOf(sample.Groups["name"].Value);
        foreach (Match label in Label().Matches(sample.Groups["labels"].Value))
        {
            var name = label.Groups["name"].Value;
            if (family.Type == "histogram" && name == "le")
                continue;
            if (!family.Labels.TryGetValue(name, out var values))
                family.Labels.Add(name, values = new(StringComparer.Ordinal));
            values.Add(label.Groups["value"].Value);
        }
    }

    // A histogram's samples have their own names.
    private MetricFamily FamilyOf(string sample) =>
        _families.TryGetValue(sample, out var family) ? family : _families[Suffix().Replace(sample, "")];

    [GeneratedRegex("^# TYPE (?<name>[a-z0-9_]+) (?<type>[a-z]+)$")]
    private static partial Regex Type();

    [GeneratedRegex("""^(?<series>(?<name>[a-z0-9_]+)(\{(?<labels>.*)\})?) (?<value>\S+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-z_]+)="(?<value>[^"]*)",?""")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
