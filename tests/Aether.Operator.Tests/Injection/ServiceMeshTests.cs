using System.Text.Json.Nodes;
using Aether.Operator.Injection;

namespace Aether.Operator.Tests.Injection;

/// <summary>Pods as the injectors of Istio and Linkerd leave them, and the agent's place in each.</summary>
[Trait("Field", "F12")]
[Trait("Kind", "Unit")]
public sealed class ServiceMeshTests
{
    [Theory]
    [InlineData("istio-init,istio-proxy,migrate", "istio-init,istio-proxy,aether-agent,migrate")]
    [InlineData("istio-validation,istio-proxy,migrate", "istio-validation,istio-proxy,aether-agent,migrate")]
    [InlineData("istio-proxy,migrate", "istio-proxy,aether-agent,migrate")]
    [InlineData("linkerd-init,linkerd-proxy,migrate", "linkerd-init,linkerd-proxy,aether-agent,migrate")]
    [InlineData(
        "linkerd-network-validator,linkerd-proxy,migrate",
        "linkerd-network-validator,linkerd-proxy,aether-agent,migrate")]
    [InlineData("migrate,istio-init,istio-proxy", "migrate,istio-init,istio-proxy,aether-agent")]
    [InlineData("migrate", "aether-agent,migrate")]
    public void Agent_comes_right_after_the_containers_of_a_mesh(string before, string after)
    {
        var pod = Given.Injected(PodWith(before));

        Assert.Equal(after.Split(','), Names(pod));
    }

    [Theory]
    [InlineData("aether-agent,istio-init,istio-proxy,migrate")]
    [InlineData("istio-init,aether-agent,istio-proxy,migrate")]
    [InlineData("istio-init,istio-proxy,migrate,aether-agent")]
    public void Reinvocation_moves_the_agent_after_a_mesh_that_was_injected_later(string order)
    {
        var injected = Given.Injected(PodWith("migrate"));
        var later = (JsonObject)injected.DeepClone();
        var agent = later["spec"]!["initContainers"]![0]!.DeepClone();
        later["spec"]!["initContainers"] = new JsonArray(
            [.. order.Split(',').Select(name => name == "aether-agent" ? agent.DeepClone() : Container(name))]);

        var again = Given.Injected(later);

        Assert.Equal(["istio-init", "istio-proxy", "aether-agent", "migrate"], Names(again));
        Assert.True(JsonNode.DeepEquals(again, Given.Injected(again)));
    }

    [Theory]
    [InlineData("istio-init", "istio-proxy")]
    [InlineData("linkerd-init", "linkerd-proxy")]
    public void Agent_comes_before_a_mesh_whose_proxy_is_an_ordinary_container_and_its_owner_is_warned(
        string init, string proxy)
    {
        var pod = PodWith($"{init},migrate");
        pod["spec"]!["containers"]!.AsArray().Add(Container(proxy));

        var result = PodInjector.Inject(pod, Given.DurableWorld(), Given.Options);

        Assert.Equal(["aether-agent", init, "migrate"], Names(result.Pod!));
        Assert.Contains(result.Warnings, text => text.Contains($"{proxy} is an ordinary", StringComparison.Ordinal)
            && text.Contains("docs/service-mesh.md", StringComparison.Ordinal));
        Assert.True(JsonNode.DeepEquals(result.Pod, Given.Injected(result.Pod!)));
    }

    [Fact]
    public void Agent_comes_after_the_containers_that_an_annotation_names()
    {
        var pod = PodWith("vault-agent,cni-wait,migrate");
        pod["metadata"]!["annotations"] = new JsonObject
        {
            ["persistence.aether.dev/after-containers"] = "vault-agent, cni-wait, gone",
        };

        var result = PodInjector.Inject(pod, Given.DurableWorld(), Given.Options);

        Assert.Equal(["vault-agent", "cni-wait", "aether-agent", "migrate"], Names(result.Pod!));
        Assert.Contains(result.Warnings, text => text.Contains("names gone,", StringComparison.Ordinal));
    }

    [Fact]
    public void Containers_of_a_mesh_stay_as_they_are()
    {
        var pod = PodWith("istio-init,istio-proxy,migrate");

        var injected = Given.Injected(pod);

        foreach (var index in (int[])[0, 1])
            Assert.True(JsonNode.DeepEquals(
                pod["spec"]!["initContainers"]![index], injected["spec"]!["initContainers"]![index]));
    }

    private static JsonObject PodWith(string initContainers) => Given.Pod(spec =>
        spec["initContainers"] = new JsonArray([.. initContainers.Split(',').Select(Container)]));

    private static JsonNode Container(string name)
    {
        var container = new JsonObject { ["name"] = name, ["image"] = $"{name}:1" };
        if (name.EndsWith("-proxy", StringComparison.Ordinal))
            container["restartPolicy"] = "Always";
        return container;
    }

    private static IEnumerable<string> Names(JsonObject pod) =>
        pod["spec"]!["initContainers"]!.AsArray().Select(container => (string)container!["name"]!);
}
