using Aether.Client;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Reconciling;
using Aether.TestServers;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <content>Worlds with a live writer, and resources that no operator has seen yet.</content>
public sealed partial class WorldPersistenceReconcilerTests
{
    [Theory]
    [Trait("Field", "F17")]
    [InlineData("""{"deletionPolicy":"Retain"}""")]
    [InlineData("""{"deletionPolicy":"Delete"}""")]
    public async Task Deletion_waits_for_the_pod_that_holds_the_world(string spec)
    {
        var world = await ReadyWorldAsync(spec);
        using var volume = new TemporaryFolder("held");
        await using var agent = await StartAgentAsync(world, volume);
        await using var served = await agent.ConnectAsync();

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.WriterLive));
        await served.CommitAsync(
            new WorldCommit { Durability = WorldDurability.Replicated }
                .Put(new WorldKey("item", "1"), "still"u8.ToArray()),
            Stop);
        Assert.Equal(0, await agent.StopAsync());

        await cluster.WaitGoneAsync(world);
        Assert.Contains("Pod writer-0 holds the world", Cluster.Condition(world, WorldConditions.Ready)!.Message,
            StringComparison.Ordinal);
        await cluster.WaitEventAsync(world, nameof(WorldReason.WriterLive), "writer-0");
    }

    [Fact]
    [Trait("Field", "F17")]
    public async Task Deletion_under_a_live_writer_proceeds_on_the_users_request()
    {
        var world = await ReadyWorldAsync();
        using var volume = new TemporaryFolder("forced");
        await using var agent = await StartAgentAsync(world, volume);
        await using var served = await agent.ConnectAsync();

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.WriterLive));
        await AnnotateAsync(world, OperatorNames.DeleteUnderWriterAnnotation, world.Metadata.Uid);

        await cluster.WaitGoneAsync(world);
        await served.CommitAsync(
            new WorldCommit { Durability = WorldDurability.Replicated }
                .Put(new WorldKey("item", "1"), "still"u8.ToArray()),
            Stop);
    }

    [Fact]
    [Trait("Field", "F14")]
    public async Task A_resource_has_a_status_before_any_operator_has_seen_it()
    {
        var name = $"b{Guid.NewGuid():N}";
        var @namespace = await cluster.NewNamespaceAsync();
        WorldPersistence? world = null;
        PersistenceBackend? backend = null;

        await cluster.RestartOperatorAsync(async () =>
        {
            world = await cluster.CreateWorldAsync(@namespace, "unseen", $$$"""{"backendRef":{"name":"{{{name}}}"}}""");
            world = await cluster.Objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(world), Stop);
            backend = await cluster.CreateBackendAsync(name, spec => spec.AllowedNamespaces = ["elsewhere"]);
            backend = await cluster.Objects.TryGetAsync<PersistenceBackend>(ObjectKey.Of(backend), Stop);
        });

        Assert.Equal(-1, world!.Status.ObservedGeneration);
        Assert.Equal("Pending", world.Status.Phase);
        AssertPending(world.Status.Conditions!);
        Assert.Equal(-1, backend!.Status.ObservedGeneration);
        AssertPending(backend.Status.Conditions!);
        world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.NamespaceNotAllowed));
        Assert.Equal(nameof(WorldReason.NamespaceNotAllowed), Cluster.Condition(world, Progress.Stalled)!.Reason);
        Assert.Null(Cluster.Condition(world, Progress.Reconciling));
        await cluster.PatchBackendAsync(name, $$$"""{"spec":{"allowedNamespaces":["{{{@namespace}}}"]}}""");
        world = await cluster.WaitReadyAsync(world);
        Assert.Null(Cluster.Condition(world, Progress.Stalled));
    }

    [Fact]
    [Trait("Field", "F14")]
    public async Task World_that_the_operator_keeps_retrying_has_condition_Reconciling()
    {
        var world = await cluster.CreateWorldAsync(
            await cluster.NewNamespaceAsync(), "arena", """{"backendRef":{"name":"there-is-none"}}""");

        world = await cluster.WaitReasonAsync(world, Progress.Reconciling, nameof(WorldReason.BackendNotFound));

        Assert.Null(Cluster.Condition(world, Progress.Stalled));
        Assert.Equal(world.Metadata.Generation, world.Status.ObservedGeneration);
    }

    [Fact]
    [Trait("Field", "F29")]
    public async Task Pods_of_a_world_that_run_without_an_agent_are_named_until_they_are_gone()
    {
        var world = await ReadyWorldAsync();
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = "unprotected-0",
                NamespaceProperty = world.Metadata.NamespaceProperty,
                Labels = new Dictionary<string, string> { ["persistence.aether.dev/world"] = world.Metadata.Name },
            },
            Spec = new V1PodSpec
            {
                AutomountServiceAccountToken = false,
                Containers = [new V1Container { Name = "world", Image = "world" }],
            },
        };

        await cluster.Objects.CreateAsync(pod, Stop);
        world = await cluster.WaitReasonAsync(world, PodsWithoutAgent.Type, PodsWithoutAgent.Reason);
        var message = Cluster.Condition(world, PodsWithoutAgent.Type)!.Message;
        await cluster.Objects.DeleteAsync<V1Pod>(ObjectKey.Of(pod), null, Stop);

        Assert.Contains("unprotected-0", message, StringComparison.Ordinal);
        await cluster.WaitAsync(world, current => Cluster.Condition(current, PodsWithoutAgent.Type) is null);
        await cluster.WaitEventAsync(world, PodsWithoutAgent.Reason, "unprotected-0");
    }

    private static void AssertPending(IEnumerable<V1Condition> conditions)
    {
        var ready = Assert.Single(conditions);
        Assert.Equal(("Ready", "Unknown", "Pending"), (ready.Type, ready.Status, ready.Reason));
    }

    private async Task<WorldAgent> StartAgentAsync(WorldPersistence world, TemporaryFolder volume) =>
        await WorldAgent.StartAsync(
            (await cluster.Objects.TryGetAsync<V1Secret>(SecretOf(world), Stop))!, volume.Path, "writer-0");
}
