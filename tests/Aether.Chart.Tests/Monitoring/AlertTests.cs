using System.Text.Json.Nodes;
using Aether.Chart.Tests.Rendering;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Chart.Tests.Monitoring;

/// <summary>Every alert says what is wrong and what to do, and is tested to fire and to clear.</summary>
public sealed class AlertTests(HelmChart chart) : IClassFixture<HelmChart>
{
    private static readonly string Cases =
        Clone.PathOf("tests", "Aether.Chart.Tests", "Monitoring", "Alerts");

    [Theory]
    [MemberData(nameof(Alert.Names), MemberType = typeof(Alert))]
    public async Task Alert_fires_and_clears(string alert)
    {
        var file = Path.Combine(Cases, alert + ".yaml");
        var expectations = ManifestFile.Read(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))
            .Single()["tests"]!.AsArray()
            .SelectMany(test => test!["alert_rule_test"]!.AsArray())
            .Select(item => ((string?)item!["alertname"], Fires: item["exp_alerts"]!.AsArray().Count > 0))
            .ToList();

        var result = await PromtoolAsync("test", "rules", file);

        Assert.True(result.ExitCode == 0, result.All);
        Assert.All(expectations, item => Assert.Equal(alert, item.Item1));
        Assert.Contains((alert, true), expectations);
        Assert.False(expectations[0].Fires, $"{alert} is not seen to be silent first.");
        Assert.Contains((alert, false), expectations.SkipWhile(item => !item.Fires));
    }

    [Fact]
    public async Task Prometheus_reads_the_rule_files()
    {
        var result = await PromtoolAsync(["check", "rules", .. Alert.Files]);

        Assert.True(result.ExitCode == 0, result.All);
    }

    [Fact]
    public void Every_test_case_belongs_to_an_alert()
    {
        var cases = Directory.GetFiles(Cases).Select(Path.GetFileNameWithoutExtension);

        Assert.Equal(
            Alert.All.Select(alert => alert.Name).Distinct().Order(StringComparer.Ordinal),
            cases.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_alert_has_a_severity_the_place_and_a_next_step()
    {
        Assert.All(Alert.All, alert =>
        {
            Assert.Contains(alert.Severity, (string[])["warning", "critical"]);
            Assert.False(string.IsNullOrEmpty((string?)alert.Rule["for"]));
            Assert.False(string.IsNullOrEmpty(alert.Annotation("summary")));
            Assert.Equal($"docs/runbooks/{alert.Name}.md", alert.Annotation("runbook_url"));
            // At least two sentences: the problem and the next step. absent() has neither labels nor a value.
            var description = alert.Annotation("description")!;
            Assert.Contains(". ", description, StringComparison.Ordinal);
            if (!alert.Expression.StartsWith("absent(", StringComparison.Ordinal))
                Assert.Contains("{{ $labels.", description, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Rules_of_the_same_name_have_different_severities()
    {
        Assert.Equal(
            Alert.All.Count, Alert.All.Select(alert => $"{alert.Name} {alert.Severity}").Distinct().Count());
    }

    [Fact]
    public void Alerts_name_metrics_that_are_documented()
    {
        Assert.All(Alert.All, alert => Assert.Subset(
            MetricsPage.Names.ToHashSet(), MetricsPage.NamesIn(alert.Expression).ToHashSet()));
    }

    [Fact]
    public async Task The_chart_ships_the_rule_files_as_they_are()
    {
        var objects = await chart.RenderAsync("monitoring: {prometheusRule: {enabled: true, labels: {release: prom}}}");

        var rules = objects.Where(item => item.Kind() == "PrometheusRule").ToList();

        Assert.Equal(Alert.Files.Count, rules.Count);
        Assert.All(Alert.Files.Zip(rules), pair => Assert.True(JsonNode.DeepEquals(
            ManifestFile.Read(File.ReadAllText(pair.First)).Single(), pair.Second["spec"])));
        Assert.All(rules, rule => Assert.Equal("prom", (string?)rule["metadata"]!["labels"]!["release"]));
    }

    [Fact]
    public async Task Every_threshold_is_a_value_that_changes_its_rules()
    {
        var thresholds = ManifestFile.Read(await File.ReadAllTextAsync(
            Path.Combine(HelmChart.Folder, "values.yaml"), TestContext.Current.CancellationToken))
            .Single()["monitoring"]!["prometheusRule"]!["thresholds"]!.AsObject().Select(entry => entry.Key).ToList();
        var standard = string.Concat(Alert.All.Select(alert => alert.Rule.ToJsonString()));

        foreach (var threshold in thresholds)
        {
            var values = $"monitoring: {{prometheusRule: {{enabled: true, thresholds: {{{threshold}: 47.25}}}}}}";
            var rules = await RulesAsync(values);
            var changed = Alert.All.Zip(rules).Where(pair => !JsonNode.DeepEquals(pair.First.Rule, pair.Second));

            Assert.DoesNotContain("47.25", standard, StringComparison.Ordinal);
            Assert.NotEmpty(changed);
            Assert.All(changed, pair =>
            {
                var (before, after) = (Without(pair.First.Rule, "expr"), Without(pair.Second, "expr"));
                Assert.True(JsonNode.DeepEquals(before, after));
                Assert.Matches($@" 47\.25( # {threshold})?$", (string?)pair.Second["expr"]);
            });
        }
    }

    [Fact]
    public async Task Runbooks_are_where_the_value_says()
    {
        var rules = await RulesAsync(
            "monitoring: {prometheusRule: {enabled: true, runbookUrl: \"https://wiki.example/runbooks/\"}}");

        Assert.All(rules, rule => Assert.Equal(
            $"https://wiki.example/runbooks/{(string?)rule["alert"]}.md",
            (string?)rule["annotations"]!["runbook_url"]));
    }

    private async Task<IReadOnlyList<JsonObject>> RulesAsync(string values) =>
    [
        .. (await chart.RenderAsync(values)).Where(item => item.Kind() == "PrometheusRule")
            .SelectMany(item => item["spec"]!["groups"]!.AsArray())
            .SelectMany(group => group!["rules"]!.AsArray())
            .Select(rule => rule!.AsObject()),
    ];

    private Task<ToolResult> PromtoolAsync(params IReadOnlyList<string> arguments) =>
        chart.Other(Binary.Find("promtool", "prometheus")).RunAsync(arguments);

    private static JsonNode Without(JsonNode rule, string property)
    {
        var copy = rule.DeepClone();
        copy.AsObject().Remove(property);
        return copy;
    }
}
