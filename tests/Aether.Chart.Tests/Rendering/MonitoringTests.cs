using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.TestServers;

namespace Aether.Chart.Tests.Rendering;

/// <summary>
/// Monitors name ports by name, across files: ports of the operator's pods, and of agents in users' pods.
/// </summary>
public sealed class MonitoringTests(HelmChart chart) : IClassFixture<HelmChart>
{
    [Theory]
    [InlineData("podMonitor: {enabled: true}", "PodMonitor", "podMetricsEndpoints")]
    [InlineData("serviceMonitor: {enabled: true}", "ServiceMonitor", "endpoints")]
    public async Task The_operators_monitor_names_a_port_that_exists(string values, string kind, string endpoints)
    {
        var objects = await chart.RenderAsync(values);

        var port = (string?)objects.One(kind)["spec"]![endpoints]![0]!["port"];

        Assert.Contains(objects.OperatorPods().Containers[0].Ports, item => item.Name == port);
    }

    [Fact]
    public async Task The_monitor_of_agents_names_the_port_that_is_injected()
    {
        var objects = await chart.RenderAsync("podMonitor: {enabled: true}");
        var source = await File.ReadAllTextAsync(
            Clone.PathOf("operator", "Aether.Operator", "Kinds", "InjectionNames.cs"),
            TestContext.Current.CancellationToken);

        var port = (string?)objects.One("PodMonitor", "aether-agents")["spec"]!["podMetricsEndpoints"]![0]!["port"];

        Assert.Contains($"HealthPort = \"{port}\"", source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("podMonitor: {enabled: true}", "PodMonitor")]
    [InlineData("serviceMonitor: {enabled: true}", "ServiceMonitor")]
    [InlineData("{podMonitor: {enabled: true}, serviceMonitor: {enabled: true}}", "ServiceMonitor")]
    [InlineData("{podMonitor: {enabled: true, agents: false}, serviceMonitor: {enabled: true}}", "ServiceMonitor")]
    public async Task The_operator_is_scraped_once_whatever_is_enabled(string values, string kind)
    {
        var objects = await chart.RenderAsync(values);

        var monitors = Monitors(objects).Where(item => item.Name() == "aether-operator");

        Assert.Equal([kind], monitors.Select(item => item.Kind()));
    }

    [Fact]
    public async Task Targets_have_the_labels_that_rules_and_dashboards_use()
    {
        var all = Monitors(await chart.RenderAsync(
            "{podMonitor: {enabled: true}, serviceMonitor: {enabled: true}}"));
        var pods = Monitors(await chart.RenderAsync("podMonitor: {enabled: true}"));

        Assert.All(all.Concat(pods), monitor => Assert.Contains(
            $"job={(monitor.Name() == "aether-agents" ? "aether-agent" : "aether-operator")}", Relabelings(monitor)));
        Assert.All(
            pods.Where(monitor => monitor.Name() == "aether-agents"),
            monitor => Assert.Contains(
                "world<__meta_kubernetes_pod_label_persistence_aether_dev_world", Relabelings(monitor)));
    }

    [Fact]
    public async Task A_service_monitor_selects_the_metrics_service_and_not_the_webhook_service()
    {
        var objects = await chart.RenderAsync("serviceMonitor: {enabled: true}");

        var wanted = objects.One("ServiceMonitor")["spec"]!["selector"]!["matchLabels"]!.AsObject();
        var selected = objects.Where(item => item.Kind() == "Service" && wanted.All(label =>
            (string?)item["metadata"]!["labels"]![label.Key] == (string?)label.Value));

        Assert.Equal(["aether-operator-metrics"], selected.Select(item => item.Name()));
    }

    private static List<JsonObject> Monitors(IEnumerable<JsonObject> objects) =>
        [.. objects.Where(item => item.Kind() is "PodMonitor" or "ServiceMonitor")];

    // Each as target=value or target<source.
    private static IEnumerable<string> Relabelings(JsonObject monitor)
    {
        var spec = monitor["spec"]!;
        return (spec["podMetricsEndpoints"] ?? spec["endpoints"])![0]!["relabelings"]!.AsArray().Select(relabeling =>
            relabeling!["sourceLabels"] is { } sources
                ? $"{relabeling["targetLabel"]}<{sources[0]}"
                : $"{relabeling["targetLabel"]}={relabeling["replacement"]}");
    }
}
