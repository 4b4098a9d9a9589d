using System.Text.RegularExpressions;
using Aether.Chart.Tests.Monitoring;
using Aether.Persistence.Contracts;
using Aether.TestServers.Processes;

namespace Aether.EndToEnd.Tests.Monitoring;

/// <summary>
/// The chart's rules and dashboards on a real Prometheus that scrapes a real agent and operator under load: every query
/// finds data, so no panel is empty and no alert is silent because of a wrong name.
/// </summary>
public sealed partial class MonitoringTests(MonitoredWorld world) : IClassFixture<MonitoredWorld>
{
    // Metrics without a series here, and why. Their queries must be correct nevertheless.
    private static readonly IReadOnlyDictionary<string, string> Unseen = new Dictionary<string, string>
    {
        ["kube_pod_init_container_status_running"] = "kube-state-metrics is no part of this",
    };

    public static TheoryData<string, string> Panels =>
        [.. Dashboard.All.Values.SelectMany(board =>
            board.Panels.Select(panel => (board.Name, (string)panel["title"]!)))];

    [Theory]
    [MemberData(nameof(Panels))]
    public async Task Every_query_of_a_panel_finds_data(string dashboard, string panel)
    {
        var targets = Dashboard.All[dashboard].Panels
            .Single(item => (string?)item["title"] == panel)["targets"]!.AsArray();

        foreach (var target in targets)
            await FindsAsync(Substituted((string)target!["expr"]!));
    }

    [Theory]
    [MemberData(nameof(Dashboard.Names), MemberType = typeof(Dashboard))]
    public async Task Dashboard_variables_list_the_world(string dashboard)
    {
        foreach (var variable in Dashboard.All[dashboard].Variables.Where(item => (string?)item["type"] == "query"))
        {
            var definition = LabelValues().Match((string)variable["definition"]!);
            Assert.True(definition.Success, $"{variable["definition"]}");

            var wanted = (string?)variable["name"] == "namespace" ? world.World.Namespace : world.World.Name;
            await world.Queries.UntilFoundAsync(
                Substituted(definition.Groups["selector"].Value), definition.Groups["label"].Value, wanted);
        }
    }

    [Theory]
    [MemberData(nameof(Alert.Names), MemberType = typeof(Alert))]
    public async Task Every_series_that_an_alert_reads_exists(string alert)
    {
        foreach (var rule in Alert.All.Where(item => item.Name == alert))
        {
            var selectors = Selector().Matches(rule.Expression).Select(match => match.Value).ToList();
            Assert.NotEmpty(selectors);
            foreach (var selector in selectors)
                await FindsAsync(selector);

            // The whole comparison must also have data, which shows that the labels of both sides match.
            if (!Exclusion().IsMatch(rule.Expression))
                await FindsAsync(Comparison().Replace(rule.Expression, ""));
        }
    }

    [Fact]
    public async Task Prometheus_evaluates_every_rule_without_an_error()
    {
        var rules = await world.Queries.RulesAsync();

        Assert.Equal(
            Alert.All.Select(rule => rule.Name).Order(StringComparer.Ordinal),
            rules.Select(rule => (string)rule["name"]!).Order(StringComparer.Ordinal));
        Assert.All(rules, rule => Assert.Equal("ok", (string?)rule["health"]));
    }

    [Fact]
    public async Task Targets_have_the_names_that_docs_and_rules_use()
    {
        var agents = await world.Queries.UntilFoundAsync(
            $$"""up{job="aether-agent", namespace="{{world.World.Namespace}}"} == 1""");
        var operators = await world.Queries.UntilFoundAsync("""up{job="aether-operator"} == 1""");

        var agent = Assert.Single(agents).Labels;
        Assert.Equal(
            (world.World.Namespace, world.World.Name, "economy-0", "aether-agent"),
            (agent["namespace"], agent["world"], agent["pod"], agent["container"]));
        Assert.Equal("aether-system", Assert.Single(operators).Labels["namespace"]);
    }

    [Fact]
    public async Task Alerts_fire_for_a_fenced_writer_and_for_its_waiting_pod()
    {
        var fought = await world.Bed.ReadyWorldAsync();
        var node = world.Bed.Cluster.Node;
        await fought.Pods.RunAsync(fought.Pods.Of("first"));
        await world.Queries.UntilFoundAsync("aether_agent_fencings_total == 0", "namespace", fought.Namespace);

        node.Send(fought.Namespace, "first", AetherNames.AgentContainer, UnixSignal.Stop);
        await fought.Pods.RunAsync(fought.Pods.Of("second"));
        node.Send(fought.Namespace, "first", AetherNames.AgentContainer, UnixSignal.Continue);

        foreach (var alert in (string[])["AetherWriterFenced", "AetherTwoPodsForOneWorld"])
        {
            var rule = Assert.Single(Alert.All, item => item.Name == alert);
            await world.Queries.UntilFoundAsync(rule.Expression, "namespace", fought.Namespace);
        }
    }

    private async Task FindsAsync(string query)
    {
        if (Unseen.Keys.Any(metric => query.Contains(metric, StringComparison.Ordinal)))
            await world.Queries.FindAsync(query);
        else
            await world.Queries.UntilFoundAsync(query);
    }

    // As Grafana does it.
    private string Substituted(string query) => query
        .Replace("$namespace", world.World.Namespace, StringComparison.Ordinal)
        .Replace("$world", world.World.Name, StringComparison.Ordinal)
        .Replace("$__rate_interval", "30s", StringComparison.Ordinal);

    [GeneratedRegex(@"^label_values\((?<selector>.+), (?<label>[a-z]+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\b(aether_[a-z0-9_]+|kube_[a-z_]+|up(?=\{))(\{[^}]*\})?")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(absent|unless)\b")]
    private static partial Regex Exclusion();

    [GeneratedRegex(@" (==|>|<) [0-9.]+")]
    private static partial Regex Comparison();
}
