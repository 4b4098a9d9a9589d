using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.V1;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>A backend with PostgreSQL only preserves a world when its pod is lost together with the volume.</summary>
public sealed class PostgresAloneTests(SharedCluster shared)
{
    private const string Pod = "economy-0";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_world_on_PostgreSQL_alone_is_injected_outlives_its_lost_pod_and_shows_a_live_status()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await new BackendManifests(bed.Cluster).ApplyAsync(
            world.Namespace,
            Stop,
            spec =>
            {
                spec.Remove("redis");
                spec.Remove("nats");
            });
        await world.ApplyAsync(
            $$$"""{"backendRef":{"name":"{{{world.Namespace}}}"},"wal":{"defaultDurability":"Replicated"} }""");
        var ready = await world.ReadyAsync();

        await world.Pods.RunAsync(world.Pods.Of(Pod));
        using (var agent = world.Pods.Agent(Pod))
            await agent.PutAsync("a", "kept", Durability.Replicated);
        var first = await StatusAsync(bed, world, status => (string?)status["phase"] == "Running", "its agent");
        await bed.Cluster.Node.LosePodAsync(world.Namespace, Pod);
        await world.Pods.RemoveAsync(Pod);
        await world.Pods.RunAsync(world.Pods.Of(Pod));

        using var next = world.Pods.Agent(Pod);
        Assert.Equal("kept", await next.GetAsync("a"));
        await StatusAsync(bed, world, status => (int?)status["epoch"] == 2
            && (string?)status["phase"] == "Running", "the next agent");
        Assert.Equal((1, Pod), ((int?)first["epoch"], (string?)first["holder"]));
        Assert.Equal("Postgres", (string?)first["stores"]!["reportChannel"]);
        Assert.Equal("NotInBackend", ready.Condition("RedisReady")!.Reason);
        Assert.Equal("NotInBackend", ready.Condition("NatsReady")!.Reason);
    }

    private static async Task<JsonObject> StatusAsync(
        TestBed bed, TestWorld world, Func<JsonObject, bool> holds, string what) =>
        (await bed.Cluster.Worlds.UntilAsync(
            worlds => worlds.FirstOrDefault(item =>
                item.Metadata.Uid == world.Uid && item.Status is { } status && holds(status)),
            $"the status of {world.Namespace}/{world.Name} to show {what}",
            Waiting.Step,
            Stop)).Status!;
}
