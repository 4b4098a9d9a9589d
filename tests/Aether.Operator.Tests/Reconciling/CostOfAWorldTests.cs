using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Upper bounds of what one new world costs the API server.</summary>
public sealed class CostOfAWorldTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static readonly string[] Writes = ["create", "update", "patch", "delete"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_world_is_written_three_times_with_one_Secret_and_one_event()
    {
        var world = await ReadyWorldAsync();

        var writes = (await RequestsAsync(world)).Where(request => Writes.Contains(request.Split(' ')[0]));

        Assert.Equal(
            [
                "create events",
                "create secrets",
                "patch worldpersistences",
                "update worldpersistences/status",
                "update worldpersistences/status",
            ],
            writes.Order(StringComparer.Ordinal));
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

    // The operator's requests about the world's namespace. A request of the test's own that appears in the log shows
    // that all earlier ones are in it.
    private async Task<IReadOnlyList<string>> RequestsAsync(WorldPersistence world)
    {
        var marker = $"m{Guid.NewGuid():N}";
        await cluster.Objects.TryGetAsync<V1Secret>(new ObjectKey(world.Metadata.NamespaceProperty, marker), Stop);
        var lines = await Cluster.PollAsync(
            () => Task.FromResult(AuditLines() is { } read && read.Any(line => line.Contains(marker)) ? read : null),
            () => "the audit log lacks the test's own request");
        return
        [
            .. lines.Where(line => line.Contains($"\"namespace\":\"{world.Metadata.NamespaceProperty}\"")
                    && line.Contains("\"stage\":\"ResponseComplete\"")
                    && line.Contains("\"userAgent\":\"aether-operator"))
                .Select(Describe),
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
