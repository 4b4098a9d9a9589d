using System.Text.Json.Nodes;
using CsCheck;

namespace Aether.Operator.Tests.Injection;

[Trait("Kind", "Unit")]
public sealed class ReinjectionTests
{
    [Fact]
    public void Second_injection_changes_nothing()
    {
        var once = Given.Injected(Given.Pod());

        var twice = Given.Injected(once);

        Assert.True(JsonNode.DeepEquals(once, twice));
    }

    [Fact]
    public void Second_injection_settles_any_order_of_containers_volumes_and_variables()
    {
        var once = Given.Injected(Given.Pod());
        var generators = Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Int);

        generators.Sample((first, second, third, fourth) =>
        {
            var shuffled = (JsonObject)once.DeepClone();
            var spec = shuffled["spec"]!;
            Shuffle(spec["initContainers"]!.AsArray(), first);
            Shuffle(spec["volumes"]!.AsArray(), second);
            Shuffle(spec["containers"]!.AsArray(), third);
            Shuffle(spec["containers"]![0]!["env"]!.AsArray(), fourth);

            var again = Given.Injected(shuffled);

            Assert.Equal("aether-agent", (string?)again["spec"]!["initContainers"]![0]!["name"]);
            Assert.Equal(Names(once, "initContainers"), Names(again, "initContainers"));
            Assert.Equal(Names(once, "volumes"), Names(again, "volumes"));
            Assert.True(JsonNode.DeepEquals(again, Given.Injected(again)));
        }, iter: 100);
    }

    [Fact]
    public void Changed_agent_is_corrected()
    {
        var pod = Given.Injected(Given.Pod());
        var agent = pod["spec"]!["initContainers"]![0]!.AsObject();
        agent["securityContext"] = new JsonObject { ["privileged"] = true };
        agent["command"] = new JsonArray("sh");
        agent["volumeMounts"]!.AsArray().Add(new JsonObject
        {
            ["name"] = "kube-api-access",
            ["mountPath"] = "/var/run/secrets/kubernetes.io/serviceaccount",
        });

        var again = Given.Injected(pod);

        Assert.True(JsonNode.DeepEquals(Given.Injected(Given.Pod()), again));
    }

    [Fact]
    public void Fields_added_by_the_API_server_and_admission_plugins_are_kept()
    {
        var pod = Given.Injected(Given.Pod());
        var agent = pod["spec"]!["initContainers"]![0]!.AsObject();
        agent["imagePullPolicy"] = "Always";
        agent["terminationMessagePath"] = "/dev/termination-log";
        agent["resources"]!["limits"] = new JsonObject { ["cpu"] = "2" };

        var again = Given.Injected(pod);

        Assert.True(JsonNode.DeepEquals(pod, again));
    }

    [Fact]
    public void Pod_copied_from_an_injected_one_gets_its_worlds_current_settings()
    {
        var old = Given.Injected(Given.Pod(), Given.DurableWorld(spec => spec.Agent.Image = "old:1"));

        var again = Given.Injected(old);

        Assert.True(JsonNode.DeepEquals(Given.Injected(Given.Pod()), again));
    }

    [Fact]
    public void Pod_copied_from_one_with_a_log_loses_the_volume_if_its_world_has_no_log()
    {
        var old = Given.Injected(Given.Pod());

        var again = Given.Injected(old, Given.EphemeralWorld());

        Assert.DoesNotContain("aether-wal", Names(again, "volumes"));
    }

    [Fact]
    public void Reinjection_leaves_one_agent_however_many_there_were()
    {
        var pod = Given.Injected(Given.Pod());
        var agents = pod["spec"]!["initContainers"]!.AsArray();
        agents.Add(agents[0]!.DeepClone());

        var again = Given.Injected(pod);

        Assert.Equal(["aether-agent", "migrate"], Names(again, "initContainers").Order());
    }

    private static void Shuffle(JsonArray items, int seed)
    {
        var nodes = items.ToArray();
        items.Clear();
        new Random(seed).Shuffle(nodes);
        foreach (var node in nodes)
            items.Add(node);
    }

    private static IEnumerable<string?> Names(JsonObject pod, string list) =>
        pod["spec"]![list]!.AsArray().Select(item => (string?)item!["name"]).Order();
}
