using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aether.Chart.Tests.Monitoring;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.EndToEnd.Tests.Monitoring;

/// <summary>
/// Translates the PodMonitors in config/prometheus, which are the chart's, as the Prometheus operator would: the same
/// pods are kept and get the same labels as in a cluster.
/// </summary>
/// <remarks>
/// The operator of a development cluster is a process, not a pod. Its target is named explicitly, with the labels that
/// its PodMonitor would give.
/// </remarks>
internal static partial class ScrapeConfiguration
{
    private const string Interval = "1s";

    /// <summary>A configuration; JSON is YAML.</summary>
    /// <param name="cluster">The cluster of the scraped operator.</param>
    /// <param name="pods">File of <see cref="PodDiscovery"/>.</param>
    public static string For(DevelopmentCluster cluster, string pods)
    {
        var monitors = ManifestFile.Read(
            File.ReadAllText(Clone.PathOf("config", "prometheus", "pod_monitors.yaml")))
            .ToDictionary(monitor => (string)monitor["metadata"]!["name"]!);
        return new JsonObject
        {
            ["global"] = new JsonObject
            {
                ["scrape_interval"] = Interval,
                ["scrape_timeout"] = Interval,
                ["evaluation_interval"] = Interval,
            },
            ["rule_files"] = new JsonArray([.. Alert.Files.Select(file => (JsonNode)file)]),
            ["scrape_configs"] = new JsonArray(
                Pods(monitors["aether-agents"], pods),
                Process(monitors["aether-operator"], cluster.Operator.HealthPort)),
        }.ToJsonString();
    }

    private static JsonObject Pods(JsonObject monitor, string file)
    {
        var endpoint = Endpoint(monitor);
        var rules = new JsonArray();
        foreach (var expression in monitor["spec"]!["selector"]!["matchExpressions"]!.AsArray())
        {
            Assert.Equal("Exists", (string?)expression!["operator"]);
            rules.Add(Rule("keep", [PodDiscovery.MetaLabel("labelpresent", (string)expression["key"]!)], "true"));
        }

        rules.Add(Rule("keep", ["__meta_kubernetes_pod_container_port_name"], (string)endpoint["port"]!));
        rules.Add(Rule("drop", ["__meta_kubernetes_pod_phase"], "Failed|Succeeded"));
        rules.Add(Rule("replace", ["__meta_kubernetes_namespace"], target: "namespace"));
        rules.Add(Rule("replace", ["__meta_kubernetes_pod_name"], target: "pod"));
        rules.Add(Rule("replace", ["__meta_kubernetes_pod_container_name"], target: "container"));
        foreach (var own in endpoint["relabelings"]!.AsArray())
            rules.Add(Translate(own!.AsObject()));
        return new JsonObject
        {
            ["job_name"] = JobName(monitor),
            ["metrics_path"] = (string)endpoint["path"]!,
            ["file_sd_configs"] = new JsonArray(
                new JsonObject { ["files"] = new JsonArray(file), ["refresh_interval"] = Interval }),
            ["relabel_configs"] = rules,
        };
    }

    private static JsonObject Process(JsonObject monitor, int port)
    {
        var endpoint = Endpoint(monitor);
        return new JsonObject
        {
            ["job_name"] = JobName(monitor),
            ["metrics_path"] = (string)endpoint["path"]!,
            ["static_configs"] = new JsonArray(new JsonObject
            {
                ["targets"] = new JsonArray(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")),
                ["labels"] = new JsonObject
                {
                    ["namespace"] = (string)monitor["metadata"]!["namespace"]!,
                    ["pod"] = "aether-operator-0",
                    ["container"] = "operator",
                },
            }),
            ["relabel_configs"] = new JsonArray(
                [.. endpoint["relabelings"]!.AsArray().Select(own => (JsonNode)Translate(own!.AsObject()))]),
        };
    }

    private static JsonNode Endpoint(JsonObject monitor) =>
        Assert.Single(monitor["spec"]!["podMetricsEndpoints"]!.AsArray())!;

    private static string JobName(JsonObject monitor) =>
        $"podMonitor/{monitor["metadata"]!["namespace"]}/{monitor["metadata"]!["name"]}";

    private static JsonObject Rule(string action, string[] sources, string? regex = null, string? target = null)
    {
        var rule = new JsonObject
        {
            ["action"] = action,
            ["source_labels"] = new JsonArray([.. sources.Select(source => (JsonNode)source)]),
        };
        if (regex is not null)
            rule["regex"] = regex;
        if (target is not null)
            rule["target_label"] = target;
        return rule;
    }

    // The same names in the other spelling: sourceLabels is source_labels.
    private static JsonObject Translate(JsonObject relabeling) => new(relabeling.Select(entry =>
        KeyValuePair.Create(Capital().Replace(entry.Key, match => "_" + match.Value.ToLowerInvariant()),
            entry.Value?.DeepClone())));

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
