using System.Text.RegularExpressions;
using Aether.Chart.Tests.Rendering;
using Aether.Chart.Tests.Tools;

namespace Aether.Chart.Tests.Monitoring;

/// <summary>Grafana accepts the dashboards, and every panel says what it shows and in which unit.</summary>
public sealed partial class DashboardTests(HelmChart chart) : IClassFixture<HelmChart>
{
    private const int Columns = 24;
    private const string DataSource = """{"type":"prometheus","uid":"${datasource}"}""";

    [Theory]
    [MemberData(nameof(Dashboard.Names), MemberType = typeof(Dashboard))]
    public void Dashboard_has_a_schema_that_Grafana_10_accepts(string name)
    {
        var board = Dashboard.All[name];

        Assert.Equal(39, (int?)board.Content["schemaVersion"]);
        Assert.Equal($"aether-{name}", (string?)board.Content["uid"]);
        Assert.Equal($"aether-persistence: {name}", (string?)board.Content["title"]);
        Assert.Null(board.Content["id"]);
        Assert.Equal(Enumerable.Range(1, board.Panels.Count), board.Panels.Select(panel => (int)panel["id"]!));
    }

    [Theory]
    [MemberData(nameof(Dashboard.Names), MemberType = typeof(Dashboard))]
    public void Panels_do_not_overlap_in_the_grid(string name)
    {
        var taken = new Dictionary<(int, int), string>();

        Assert.All(Dashboard.All[name].Panels, panel =>
        {
            var (place, title) = (panel["gridPos"]!, (string)panel["title"]!);
            var (x, y) = ((int)place["x"]!, (int)place["y"]!);
            var (width, height) = ((int)place["w"]!, (int)place["h"]!);
            Assert.InRange(x, 0, Columns - width);
            foreach (var cell in
                from column in Enumerable.Range(x, width)
                from row in Enumerable.Range(y, height)
                select (column, row))
                Assert.True(taken.TryAdd(cell, title), $"'{title}' lies on '{taken.GetValueOrDefault(cell)}'.");
        });
    }

    [Theory]
    [MemberData(nameof(Dashboard.Names), MemberType = typeof(Dashboard))]
    public void Every_panel_has_a_title_of_its_own_a_unit_and_queries_of_the_chosen_data_source(string name)
    {
        var panels = Dashboard.All[name].Panels;

        Assert.Equal(panels.Count, panels.Select(panel => (string?)panel["title"]).Distinct().Count());
        Assert.All(panels, panel =>
        {
            Assert.Contains((string?)panel["type"], (string[])["stat", "timeseries", "table"]);
            Assert.False(string.IsNullOrEmpty((string?)panel["title"]));
            Assert.False(string.IsNullOrEmpty((string?)panel["fieldConfig"]!["defaults"]!["unit"]));
            Assert.Equal(DataSource, panel["datasource"]!.ToJsonString());
            var targets = panel["targets"]!.AsArray();
            Assert.NotEmpty(targets);
            Assert.Equal(targets.Count, targets.Select(target => (string?)target!["refId"]).Distinct().Count());
            Assert.All(targets, target => Assert.Equal(DataSource, target!["datasource"]!.ToJsonString()));
        });
    }

    [Theory]
    [MemberData(nameof(Dashboard.Names), MemberType = typeof(Dashboard))]
    public void Queries_use_only_defined_variables_and_all_of_them(string name)
    {
        var board = Dashboard.All[name];
        var variables = board.Variables.Select(variable => (string)variable["name"]!).ToHashSet();

        var used = board.Queries.SelectMany(query => Variable().Matches(query))
            .Select(match => match.Groups["name"].Value)
            .Where(variable => !variable.StartsWith("__", StringComparison.Ordinal))
            .Append("datasource").ToHashSet();

        Assert.Equal(variables.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Dashboard.Names), MemberType = typeof(Dashboard))]
    public void Queries_name_metrics_that_are_documented(string name)
    {
        var used = Dashboard.All[name].Queries.SelectMany(MetricsPage.NamesIn).ToHashSet();

        Assert.NotEmpty(used);
        Assert.Subset(MetricsPage.Names.ToHashSet(), used);
    }

    [Fact]
    public void Links_lead_to_existing_dashboards()
    {
        var links = Dashboard.All.Values
            .SelectMany(board => Link().Matches(board.Content.ToJsonString()))
            .Select(match => match.Groups["uid"].Value).Distinct();

        Assert.All(links, link => Assert.Contains(link["aether-".Length..], Dashboard.All.Keys));
    }

    [Fact]
    public async Task Dashboards_in_the_chart_equal_their_sources_and_are_labelled_for_Grafanas_sidecar()
    {
        var objects = await chart.RenderAsync(
            "monitoring: {dashboards: {enabled: true, labels: {team: games}, annotations: {grafana_folder: Worlds}}}");

        var maps = objects.Where(item => item.Kind() == "ConfigMap").ToDictionary(item => item.Name());

        Assert.Equal(Dashboard.All.Count, maps.Count);
        Assert.All(Dashboard.All.Values, board =>
        {
            var map = maps[$"aether-dashboard-{board.Name}"];
            var file = Path.Combine(HelmChart.Folder, "files", "dashboards", $"{board.Name}.json");
            Assert.Equal(File.ReadAllText(file), (string?)map["data"]![$"aether-{board.Name}.json"]);
            Assert.Equal("1", (string?)map["metadata"]!["labels"]!["grafana_dashboard"]);
            Assert.Equal("games", (string?)map["metadata"]!["labels"]!["team"]);
            Assert.Equal("""{"grafana_folder":"Worlds"}""", map["metadata"]!["annotations"]!.ToJsonString());
        });
    }

    [GeneratedRegex(@"\$(?<name>[a-z_]+)")]
    private static partial Regex Variable();

    [GeneratedRegex("\"url\":\"/d/(?<uid>[a-z-]+)")]
    private static partial Regex Link();
}
