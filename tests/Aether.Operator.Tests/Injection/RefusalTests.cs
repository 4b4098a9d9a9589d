using System.Text.Json.Nodes;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Tests.Injection;

[Trait("Kind", "Unit")]
public sealed class RefusalTests
{
    [Theory]
    [InlineData("""{"hostNetwork": true}""", "remove spec.hostNetwork")]
    [InlineData("""{"os": {"name": "windows"}}""", "set spec.os.name to linux")]
    [InlineData("""{"containers": [{"name": "aether-agent"}]}""", "rename the container in spec.containers")]
    [InlineData("""{"volumes": [{"name": "aether-socket"}]}""", "volume name aether-socket is reserved")]
    [InlineData("""{"volumes": [{"name": "aether-wal"}]}""", "volume name aether-wal is reserved")]
    [InlineData("""{"volumes": [{"name": "aether-config"}]}""", "volume name aether-config is reserved")]
    [InlineData(
        """{"containers": [{"name": "w", "env": [{"name": "AETHER_SOCKET", "value": "/tmp/s"}]}]}""",
        "Container w sets AETHER_SOCKET, which injection sets to /run/aether/agent.sock: remove it")]
    [InlineData(
        """{"initContainers": [{"name": "w", "env": [{"name": "AETHER_WORLD_NAME", "valueFrom": {}}]}]}""",
        "Container w sets AETHER_WORLD_NAME")]
    [InlineData(
        """{"containers": [{"name": "w", "volumeMounts": [{"name": "run", "mountPath": "/run/aether/"}]}]}""",
        "Container w mounts run at /run/aether, where the agent's sockets will be")]
    [InlineData(
        """{"containers": [{"name": "w", "volumeMounts": [{"name": "aether-wal", "mountPath": "/w"}]}]}""",
        "Container w mounts aether-wal, which only the agent may")]
    [InlineData(
        """{"containers": [{"name": "w", "volumeMounts": [{"name": "aether-socket", "mountPath": "/s"}]}]}""",
        "use /run/aether, or remove the mount")]
    [InlineData(
        """{"containers": [{"name": "w", "ports": [{"containerPort": 9464}]}]}""",
        "Container w uses port 9464 of the agent")]
    public void Pod_that_conflicts_with_the_agent_is_refused_with_a_remedy(string spec, string expected)
    {
        var pod = Given.Pod(original =>
        {
            foreach (var (name, value) in JsonNode.Parse(spec)!.AsObject())
                original[name] = value?.DeepClone();
        });

        var result = PodInjector.Inject(pod, Given.DurableWorld(), Given.Options);

        Assert.True(result.IsRefused);
        Assert.Contains(expected, Assert.Single(result.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public void Variable_with_the_injected_value_is_no_conflict()
    {
        var pod = Given.InjectedPod(spec => spec["containers"]![0]!["env"] = new JsonArray(
            new JsonObject { ["name"] = "AETHER_WORLD_NAME", ["value"] = "economy" }));

        Assert.Single(pod.Spec.Containers[0].Env, variable => variable.Name == "AETHER_WORLD_NAME");
    }

    [Fact]
    public void An_unknown_world_is_refused() =>
        Assert.Contains("does not exist. Create it first", Why(null), StringComparison.Ordinal);

    [Fact]
    public void A_paused_world_is_refused() =>
        Assert.Contains(
            "Set spec.paused to false", Why(Given.DurableWorld(spec => spec.Paused = true)), StringComparison.Ordinal);

    [Fact]
    public void A_world_being_deleted_is_refused()
    {
        var world = Given.DurableWorld();
        world.Metadata.DeletionTimestamp = new DateTime(2026, 11, 22, 0, 0, 0, DateTimeKind.Utc);

        Assert.Contains("is being deleted", Why(world), StringComparison.Ordinal);
    }

    [Fact]
    public void A_world_with_an_invalid_spec_is_refused_with_the_field() =>
        Assert.Contains(
            "spec.class: 'Eternal'", Why(Given.DurableWorld(spec => spec.Class = "Eternal")), StringComparison.Ordinal);

    [Fact]
    public void World_that_is_not_ready_yet_accepts_pods()
    {
        var world = Given.DurableWorld();
        world.Status = new WorldPersistenceStatus();

        Assert.Null(Why(world));
    }

    private static string? Why(WorldPersistence? world) =>
        WorldAdmission.WhyRefused(WorldNames.For(Given.Namespace, Given.World), world)?.Message;
}
