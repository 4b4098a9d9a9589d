using Aether.Chart.Tests.Tools;

namespace Aether.Chart.Tests.Rendering;

/// <summary>How the chart renders values.</summary>
public sealed class TemplateTests(HelmChart chart, ApiFixture api) : IClassFixture<HelmChart>, IClassFixture<ApiFixture>
{
    // No server here has their CRDs, so none can validate them.
    private static readonly string[] Foreign = ["cert-manager.io", "monitoring.coreos.com"];

    [Fact]
    public async Task Lint_has_no_warning()
    {
        await chart.Helm.OutputAsync("lint", "--strict", HelmChart.Folder);
    }

    [Theory]
    [MemberData(nameof(ValuesCases.Names), MemberType = typeof(ValuesCases))]
    public async Task The_API_server_accepts_every_object(string values)
    {
        var objects = await chart.RenderAsync(ValuesCases.All[values]);
        var checkable = objects.Where(item => !Foreign.Contains(item.Group())).ToList();

        var answers = await api.DryRunAsync(checkable);

        Assert.Equal(checkable.Count, answers.Count);
        Assert.All(
            answers,
            answer => Assert.EndsWith(" serverside-applied (server dry run)", answer, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ValuesCases.Names), MemberType = typeof(ValuesCases))]
    public async Task The_operators_pods_pass_the_restricted_standard_with_a_read_only_root(string values)
    {
        var pods = (await chart.RenderAsync(ValuesCases.All[values])).OperatorPods();

        Assert.Empty(RestrictedPods.Violations(pods));
        Assert.All(pods.Containers, container => Assert.True(container.SecurityContext.ReadOnlyRootFilesystem));
    }

    [Theory]
    [MemberData(nameof(ValuesCases.Names), MemberType = typeof(ValuesCases))]
    public async Task No_object_appears_twice_and_each_is_labelled_with_its_release(string values)
    {
        var objects = await chart.RenderAsync(ValuesCases.All[values]);

        Assert.Equal(objects.Count, objects.Select(item => item.Identity()).Distinct().Count());
        Assert.All(objects, item =>
        {
            var labels = item["metadata"]!["labels"]!;
            Assert.Equal("aether", (string?)labels["app.kubernetes.io/instance"]);
            Assert.Equal("aether-persistence-0.1.0", (string?)labels["helm.sh/chart"]);
        });
    }

    [Fact]
    public async Task CRDs_and_the_backend_alone_outlive_the_release()
    {
        var objects = await chart.RenderAsync(ValuesCases.All["all at once"]);

        var kept = objects.Where(item =>
            (string?)item["metadata"]!["annotations"]?["helm.sh/resource-policy"] == "keep");

        Assert.Equal(
            ["CustomResourceDefinition", "CustomResourceDefinition", "PersistenceBackend"],
            kept.Select(item => item.Kind()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Log_format_and_tracing_are_variables_of_the_operator_where_they_are_set()
    {
        var named = Variables(await chart.RenderAsync(ValuesCases.All["pods in every respect"]));
        var standard = Variables(await chart.RenderAsync(""));

        Assert.Equal("json", named["Logging__Console__FormatterName"]);
        Assert.Equal("Json", named["Operator__AgentLogFormat"]);
        Assert.Equal("http://collector:4317", named["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.DoesNotContain(standard.Keys, name =>
            name.StartsWith("OTEL_", StringComparison.Ordinal) || name.Contains("Format", StringComparison.Ordinal));

        static Dictionary<string, string?> Variables(IEnumerable<System.Text.Json.Nodes.JsonObject> objects) =>
            objects.OperatorPods().Containers[0].Env.ToDictionary(item => item.Name, string? (item) => item.Value);
    }

    [Fact]
    public async Task Images_are_named_by_digest_by_tag_or_by_the_charts_version()
    {
        var named = await chart.RenderAsync(ValuesCases.All["pods in every respect"]);
        var standard = await chart.RenderAsync("");

        Assert.Equal(
            (
                $"registry.example:5000/team/operator@sha256:{new string('a', 64)}",
                "registry.example:5000/team/agent:1.2.3"),
            Images(named));
        Assert.Equal(("aether-operator:0.1.0", "aether-agent:0.1.0"), Images(standard));

        static (string, string) Images(IEnumerable<System.Text.Json.Nodes.JsonObject> objects)
        {
            var container = objects.OperatorPods().Containers[0];
            return (container.Image, container.Env.Single(item => item.Name == "Operator__AgentImage").Value);
        }
    }

    [Fact]
    public async Task Without_leader_election_the_old_operator_ends_before_the_new_one_begins()
    {
        var alone = (await chart.RenderAsync(ValuesCases.All["one replica"])).One("Deployment");

        Assert.Equal("Recreate", (string?)alone["spec"]!["strategy"]!["type"]);
    }

    [Fact]
    public async Task Each_shard_has_a_Deployment_whose_pods_no_other_selects_and_a_lease_of_its_own()
    {
        var objects = await chart.RenderAsync("shards: [east, west]");

        var (all, east) = (objects.Deployment("aether-operator"), objects.Deployment("aether-operator-east"));
        var leases = objects.Single(item => item.Kind() == "Role" && item.Name() == "aether-operator-leader-election");
        Assert.Equal("east", east.Spec.Template.Spec.Containers[0].Env.Single(v => v.Name == "Operator__Shard").Value);
        Assert.DoesNotContain(all.Spec.Template.Spec.Containers[0].Env, v => v.Name == "Operator__Shard");
        Assert.Equal(east.Spec.Selector.MatchLabels, east.Spec.Template.Metadata.Labels
            .Where(label => east.Spec.Selector.MatchLabels.ContainsKey(label.Key)).ToDictionary());
        Assert.DoesNotContain(all.Spec.Selector.MatchLabels, label =>
            east.Spec.Template.Metadata.Labels.Contains(label));
        Assert.Equal(
            ["aether-operator", "aether-operator-east", "aether-operator-west"],
            leases["rules"]![1]!["resourceNames"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public async Task With_namespaces_named_there_are_no_rights_on_worlds_and_Secrets_of_others()
    {
        var objects = await chart.RenderAsync("watchNamespaces: [games, lobby]");

        var everywhere = objects.One("ClusterRole")["rules"]!.AsArray()
            .SelectMany(rule => rule!["resources"]!.AsArray()).Select(resource => (string)resource!);
        var granted = objects.Where(item => item.Kind() == "Role" && item.Name() == "aether-operator")
            .Select(item => (string?)item["metadata"]!["namespace"]);
        Assert.Equal(
            ["mutatingwebhookconfigurations", "persistencebackends", "persistencebackends/status"],
            everywhere.Order(StringComparer.Ordinal));
        Assert.Equal(["games", "lobby"], granted.Order(StringComparer.Ordinal));
    }
}
