using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;

namespace Aether.Chart.Tests.Rendering;

/// <summary>Monitors name ports by name, across files: of the operator's own pods, and of agents in others'.</summary>
public sealed class MonitoringTests(HelmChart chart) : IClassFixture<HelmChart>
{
    [Theory]
    [InlineData("podMonitor: {enabled: true}", "PodMonitor", "podMetricsEndpoints")]
    [InlineData("serviceMonitor: {enabled: true}", "ServiceMonitor", "endpoints")]
    public async Task A_monitor_of_the_operator_names_a_port_that_is_there(string values, string kind, string endpoints)
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
            Repository.PathOf("operator", "Aether.Operator", "Injection", "InjectionNames.cs"),
            TestContext.Current.CancellationToken);

        var port = (string?)objects.One("PodMonitor", "aether-agents")["spec"]!["podMetricsEndpoints"]![0]!["port"];

        Assert.Contains($"HealthPort = \"{port}\"", source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_monitor_selects_the_service_of_metrics_and_not_that_of_the_webhook()
    {
        var objects = await chart.RenderAsync("serviceMonitor: {enabled: true}");

        var wanted = objects.One("ServiceMonitor")["spec"]!["selector"]!["matchLabels"]!.AsObject();
        var selected = objects.Where(item => item.Kind() == "Service" && wanted.All(label =>
            (string?)item["metadata"]!["labels"]![label.Key] == (string?)label.Value));

        Assert.Equal(["aether-operator-metrics"], selected.Select(item => item.Name()));
    }
}
