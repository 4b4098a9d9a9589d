using System.Globalization;
using System.Text.Json.Nodes;

namespace Aether.EndToEnd.Tests.Monitoring;

/// <summary>Queries a Prometheus, as Grafana does.</summary>
internal sealed class PrometheusQueries(Uri url) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = new() { BaseAddress = url };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The present series of a query that have a value. A wrong query throws.</summary>
    public async Task<IReadOnlyList<Series>> FindAsync(string query)
    {
        var data = await GetAsync($"api/v1/query?query={Uri.EscapeDataString(query)}");
        Assert.Equal("vector", (string?)data["resultType"]);
        return
        [
            .. data["result"]!.AsArray()
                .Select(series => new Series(
                    series!["metric"]!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!),
                    double.Parse((string)series["value"]![1]!, CultureInfo.InvariantCulture)))
                .Where(series => double.IsFinite(series.Value)),
        ];
    }

    /// <summary>The same, once there is a result.</summary>
    public Task<IReadOnlyList<Series>> UntilFoundAsync(string query) =>
        UntilAsync(() => FindAsync(query), found => found.Count > 0, query);

    /// <summary>The same, once there is a series with that label.</summary>
    public Task<IReadOnlyList<Series>> UntilFoundAsync(string query, string label, string value) => UntilAsync(
        () => FindAsync(query),
        found => found.Any(series => series.Labels.GetValueOrDefault(label) == value),
        $"{query} with {label}={value}");

    /// <summary>The state of all loaded rules, once all were evaluated.</summary>
    public Task<IReadOnlyList<JsonObject>> RulesAsync() => UntilAsync(
        async () =>
        (IReadOnlyList<JsonObject>)
        [
            .. (await GetAsync("api/v1/rules"))["groups"]!.AsArray()
                .SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!.AsObject()),
        ],
        rules => rules.All(rule => (string?)rule["health"] != "unknown"),
        "the rules to be evaluated");

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> holds, string what)
    {
        using var deadline = new CancellationTokenSource(Waiting.Step, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Stop);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        try
        {
            while (true)
            {
                if (await ask() is var answer && holds(answer))
                    return answer;
                await timer.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
        {
            throw new TimeoutException($"Within {Waiting.Step} Prometheus did not find {what}");
        }
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), Stop);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!;
        Assert.True((string?)answer["status"] == "success", $"{path}: {answer["error"]}");
        return answer["data"]!;
    }
}
