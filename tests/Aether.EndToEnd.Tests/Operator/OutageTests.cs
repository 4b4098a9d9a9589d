using System.Net;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Behaviour while a part of the cluster is down, or no schema rejects mistakes.</summary>
public sealed class OutageTests(SchemalessCluster own) : IClassFixture<SchemalessCluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private TestBed Bed => own.Bed;

    [Fact]
    public async Task Without_the_operator_plain_pods_start_and_labelled_ones_do_not()
    {
        var world = await Bed.ReadyWorldAsync();
        await Bed.Cluster.Operator.KillAsync();

        await Bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("plain", null));
        var refusal = await Assert.ThrowsAsync<ApiException>(() =>
            Bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("labelled", world.Name)));

        Assert.Equal(HttpStatusCode.InternalServerError, refusal.Status);
        Assert.Contains("failed calling webhook \"pods.persistence.aether.dev\"", refusal.Message);
        Assert.True(await Bed.Client.HasPodAsync(world.Namespace, "plain"));
        Assert.False(await Bed.Client.HasPodAsync(world.Namespace, "labelled"));

        await Bed.Cluster.Operator.StartAsync(Stop);
        var pod = await Bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("labelled", world.Name));
        Assert.Equal(AetherNames.AgentContainer, (string?)pod["spec"]!["initContainers"]![0]!["name"]);
    }

    [Fact]
    public async Task A_store_that_is_down_becomes_a_condition_and_the_operator_keeps_working()
    {
        var world = await Bed.ReadyWorldAsync("""{"class":"Ephemeral"}""");
        var without = await Bed.ReadyWorldAsync();
        await Bed.Cluster.Redis.StopAsync();

        var down = await world.UntilAsync("RedisReady", "False", "Unreachable");
        Assert.Contains(Bed.Cluster.Redis.Endpoint, down.Condition("RedisReady")!.Message);
        var summary = await world.UntilAsync("Ready", "False", "StoresNotReady");
        Assert.Equal("Degraded", (string?)summary.Status!["phase"]);
        Assert.True(summary.Condition("PostgresReady")?.IsTrue);
        Assert.True(summary.Condition("NatsReady")?.IsTrue);
        var another = await Bed.NewWorldAsync();
        await another.ApplyAsync();
        await another.UntilAsync("PostgresReady", "True", "Provisioned");
        await another.UntilAsync("RedisReady", "Unknown", "Unreachable");
        await without.UntilAsync("RedisReady", "False", "Unreachable");
        await without.UntilAsync("Ready", "True", "AllStoresReady");

        await Bed.Cluster.Redis.StartAsync(Stop);
        await world.ReadyAsync();
        await another.ReadyAsync();
        await without.UntilAsync("RedisReady", "True", "Provisioned");
        Assert.DoesNotContain(world.Events(), item => item.Reason == "DriftRepaired");
    }

    [Fact]
    public async Task An_invalid_spec_that_passed_the_schema_is_named_and_creates_nothing()
    {
        var worlds = new List<(TestWorld World, string Field)>();
        var @namespace = await Bed.NewNamespaceAsync();
        foreach (var (spec, field) in InvalidSpecs.All)
        {
            var world = await Bed.NewWorldAsync(@namespace, $"invalid-{worlds.Count}");
            await world.ApplyAsync(spec);
            worlds.Add((world, field));
        }

        foreach (var (world, field) in worlds)
        {
            var invalid = await world.UntilAsync("Ready", "False", "InvalidSpec");
            Assert.Contains(field, invalid.Condition("Ready")!.Message);
            Assert.Equal("Invalid", (string?)invalid.Status!["phase"]);
            Assert.Empty((await world.ContentsAsync()).All);
        }
    }

    [Fact]
    public async Task A_corrected_spec_becomes_ready()
    {
        var world = await Bed.NewWorldAsync();
        await world.ApplyAsync("""{"snapshot":{"maxRetained":0}}""");
        await world.UntilAsync("Ready", "False", "InvalidSpec");
        var refusal = await Assert.ThrowsAsync<ApiException>(() =>
            Bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("early", world.Name)));
        Assert.Contains("spec.snapshot.maxRetained", refusal.Message);

        await world.ApplyAsync("""{"snapshot":{"maxRetained":1}}""");

        await world.ReadyAsync();
    }

    [Fact]
    public async Task A_spec_with_fields_of_the_wrong_type_harms_no_other_world()
    {
        var malformed = await Bed.NewWorldAsync();
        await malformed.ApplyAsync("""{"wal":{"enabled":"perhaps"},"snapshot":["often"]}""");

        var world = await Bed.ReadyWorldAsync();
        await Bed.Cluster.Operator.KillAsync();
        await Bed.Cluster.Operator.StartAsync(Stop);
        await world.MergeAsync("""{"spec":{"paused":true}}""");

        await world.UntilAsync("Ready", "False", "Paused");
    }
}
