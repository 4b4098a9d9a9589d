using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Values;

/// <summary>values.yaml, values.schema.json and README.md agree, and wrong values are refused by name.</summary>
public sealed class ValuesTests(HelmChart chart) : IClassFixture<HelmChart>
{
    private readonly ValuesSchema _schema = new();

    [Fact]
    public void Every_value_is_in_values_in_the_schema_and_in_the_README()
    {
        var known = _schema.Leaves().Order(StringComparer.Ordinal);

        var values = ValuesFile.Read(_schema.Leaves()).Keys.Order(StringComparer.Ordinal);
        var explained = ReadmeTable.Read().Keys.Order(StringComparer.Ordinal);

        Assert.Equal(known, values);
        Assert.Equal(known, explained);
    }

    [Fact]
    public void The_README_names_the_defaults()
    {
        var values = ValuesFile.Read(_schema.Leaves());
        var stated = ReadmeTable.Read().Where(row => row.Value is not null).ToList();

        Assert.All(stated, row =>
        {
            var read = ManifestFile.Read($"value: {row.Value}").Single()["value"];
            Assert.True(JsonNode.DeepEquals(values[row.Key], read), $"{row.Key} is {values[row.Key]?.ToJsonString()}");
        });
        Assert.Equal(
            ["affinity", "topologySpreadConstraints"],
            values.Keys.Except(stated.Select(row => row.Key)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_part_of_the_schema_accepts_an_unknown_name()
    {
        Assert.Empty(_schema.LaxMaps());
    }

    [Theory]
    [InlineData("replicaz: 2", "'replicaz' not allowed")]
    [InlineData("webhook: {certificate: {isuerRef: {}}}", "at '/webhook/certificate': additional properties 'is")]
    [InlineData("replicas: two", "at '/replicas': got string, want integer")]
    [InlineData("logLevel: Chatty", "at '/logLevel'")]
    [InlineData("logFormat: Xml", "at '/logFormat'")]
    [InlineData("tracing: {PATH: /tmp}", "at '/tracing'")]
    [InlineData("webhook: {timeoutSeconds: 5}", "at '/webhook/timeoutSeconds': minimum: got 5, want 6")]
    [InlineData("watchNamespaces: [Games]", "at '/watchNamespaces/0': 'Games'")]
    [InlineData("image: {digest: abc}", "at '/image/digest'")]
    [InlineData("backend: {create: true}", "at '/backend/postgres/host'")]
    [InlineData(
        "backend: {create: true, postgres: {host: h, database: d, adminSecretRef: {name: p}}, "
        + "redis: {adminSecretRef: {name: r}}}",
        "at '/backend/redis/endpoint'")]
    [InlineData(
        "backend: {create: true, postgres: {host: h, database: d, adminSecretRef: {name: p}}, "
        + "nats: {sharedCredentials: true}}",
        "at '/backend/nats/urls'")]
    [InlineData("backend: {redis: {adminSecretRef: {namespace: x}}}", "at '/backend/redis/adminSecretRef'")]
    [InlineData("backend: {nats: {urls: [\"nats://user:pass@host\"]}}", "at '/backend/nats/urls/0'")]
    [InlineData("monitoring: {prometheusRule: {thresholds: {rpo: 5}}}", "additional properties 'rpo' not allowed")]
    [InlineData(
        "monitoring: {prometheusRule: {thresholds: {diskCriticalPercent: 101}}}",
        "at '/monitoring/prometheusRule/thresholds/diskCriticalPercent': maximum: got 101, want 100")]
    [InlineData("leaderElection: {enabled: false}", "replicas is 2 and leaderElection.enabled is false")]
    [InlineData("watchNamespaces: [kube-system]", "watchNamespaces names kube-system")]
    [InlineData("watchNamespaces: [aether-system]", "watchNamespaces names aether-system")]
    [InlineData("podDisruptionBudget: {minAvailable: 2}", "podDisruptionBudget.minAvailable is 2 and replicas is 2")]
    public async Task A_wrong_value_is_refused_by_its_name(string values, string words)
    {
        var refusal = await chart.RefusalAsync(values);

        Assert.Contains(words, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_backends_values_are_the_fields_of_its_CRD()
    {
        var definition = ManifestFile.Read(File.ReadAllText(
            Clone.PathOf("crds", "persistence.aether.dev_persistencebackends.yaml"))).Single();
        var spec = definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;

        var values = Fields(_schema.At("backend"), "").Where(field => field != "create ");

        Assert.Equal(Fields(spec.AsObject(), "").Order(StringComparer.Ordinal), values.Order(StringComparer.Ordinal));
    }

    private IEnumerable<string> Fields(JsonObject schema, string path)
    {
        foreach (var (name, part) in schema["properties"]!.AsObject())
        {
            var own = _schema.Follow(part!);
            if (own["properties"] is not null)
            {
                foreach (var field in Fields(own, $"{path}{name}."))
                    yield return field;
            }
            else
            {
                var choices = (own["enum"] as JsonArray ?? []).Select(item => (string)item!);
                yield return $"{path}{name} {string.Join(' ', choices)}";
            }
        }
    }
}
