using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Upper bounds of what one new world costs the API server.</summary>
public sealed class CostOfAWorldTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_world_costs_five_requests_and_no_read()
    {
        await ReadyWorldAsync();
        var before = (await RequestsAsync("persistencebackends")).Count;
        var backendSecrets = (await RequestsAsync("aether-system")).Count;

        var world = await ReadyWorldAsync();

        Assert.Equal(
            [
                "create events",
                "create secrets",
                "patch worldpersistences",
                "update worldpersistences/status",
                "update worldpersistences/status",
            ],
            (await RequestsAsync(world.Metadata.NamespaceProperty)).Order(StringComparer.Ordinal));
        Assert.Equal(before, (await RequestsAsync("persistencebackends")).Count);
        Assert.Equal(backendSecrets, (await RequestsAsync("aether-system")).Count);
    }

    [Fact]
    public async Task Inspected_world_costs_no_request()
    {
        var world = await ReadyWorldAsync();
        var before = (await RequestsAsync(world.Metadata.NamespaceProperty)).Count;

        await Task.Delay(Cluster.Survey * 3, TimeProvider.System, Stop);

        Assert.Equal(before, (await RequestsAsync(world.Metadata.NamespaceProperty)).Count);
    }

    [Fact]
    public async Task The_event_of_a_new_world_names_all_its_stores()
    {
        var world = await ReadyWorldAsync();

        var ready = Assert.Single(await cluster.EventsAsync(world));
        Assert.All(["PostgreSQL: ", "Redis: ", "NATS: "], store => Assert.Contains(store, ready.Note));
    }

    private async Task<WorldPersistence> ReadyWorldAsync()
    {
        var world = await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", "{}");
        world = await cluster.WaitReadyAsync(world);
        await cluster.WaitEventAsync(world, WorldEvents.StoreReady, "PostgreSQL");
        return world;
    }

    // The operator's requests whose entries in the log contain a text. A request of the test's own that appears in the
    // log shows that all earlier ones are in it. The webhook's certificate is none of a world's cost.
    private async Task<IReadOnlyList<string>> RequestsAsync(string about)
    {
        var marker = $"m{Guid.NewGuid():N}";
        await cluster.Objects.TryGetAsync<V1Secret>(new ObjectKey("default", marker), Stop);
        var lines = await Cluster.PollAsync(
            () => Task.FromResult(AuditLines() is { } read && read.Any(line => line.Contains(marker)) ? read : null),
            () => "the audit log lacks the test's own request");
        return
        [
            .. lines.Where(line => line.Contains(about)
                    && line.Contains("\"stage\":\"ResponseComplete\"")
                    && line.Contains("\"userAgent\":\"aether-operator")
                    && !line.Contains("webhook"))
                .Select(Describe)
                .Where(request => !request.StartsWith("watch ") && !request.StartsWith("list ")),
        ];
    }

    private static string Describe(string line)
    {
        var request = JsonNode.Parse(line)!;
        var about = request["objectRef"]!;
        var part = (string?)about["subresource"] is { } subresource ? $"/{subresource}" : "";
        return $"{request["verb"]} {about["resource"]}{part}";
    }

    private List<string>? AuditLines()
    {
        using var file = new FileStream(cluster.AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
