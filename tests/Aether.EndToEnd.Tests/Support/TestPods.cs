using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.EndToEnd.Tests.Support;

/// <summary>Pods of one world, run by the cluster's node.</summary>
internal sealed class TestPods(DevelopmentCluster cluster, string @namespace, string world)
{
    /// <summary>An image that does nothing until it is stopped.</summary>
    public const string IdleImage = "idle:test";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A pod of this world.</summary>
    public JsonObject Of(string name, string image = IdleImage, JsonArray? variables = null) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = @namespace,
            ["labels"] = new JsonObject { [AetherNames.WorldLabel] = world },
        },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(
                new JsonObject { ["name"] = "world", ["image"] = image, ["env"] = variables }),
        },
    };

    /// <summary>Creates a pod.</summary>
    public Task CreateAsync(JsonObject pod) =>
        cluster.Client.PostAsync($"/api/v1/namespaces/{@namespace}/pods", pod.DeepClone(), Stop);

    /// <summary>Creates a pod and waits until its world's container runs, which is after the recovery.</summary>
    public async Task<V1Pod> RunAsync(JsonObject pod)
    {
        await CreateAsync(pod);
        return await RunningAsync((string)pod["metadata"]!["name"]!);
    }

    /// <summary>Waits until the world's container of a pod runs.</summary>
    public Task<V1Pod> RunningAsync(string pod) => cluster.Node.Pods.PodAsync(
        @namespace, pod, item => item.Container("world")?.State.Running is not null, "with its world running");

    /// <summary>Deletes a pod, by force unless it gets a grace period, and waits until it is gone.</summary>
    public async Task RemoveAsync(string pod, int grace = 0)
    {
        var path = $"/api/v1/namespaces/{@namespace}/pods/{pod}";
        await cluster.Client.DeleteAsync(path, new JsonObject { ["gracePeriodSeconds"] = grace }, Stop);
        await cluster.Node.Pods.GoneAsync(@namespace, pod);
    }

    /// <summary>A client of the agent in a pod.</summary>
    public AgentClient Agent(string pod) => new(SocketOf(pod));

    /// <summary>Path on this machine of the socket of the agent in a pod.</summary>
    public string SocketOf(string pod) => cluster.Node.HostPath(
        @namespace, pod, AetherNames.AgentContainer, $"{AetherNames.SocketDirectory}/{AetherNames.SocketFile}");

    /// <summary>Creates a claim of that name.</summary>
    public async Task ClaimAsync(string name)
    {
        var claim = JsonNode.Parse(
            $$"""
            {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{name}}"},
             "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }
            """)!;
        await cluster.Client.PostAsync($"/api/v1/namespaces/{@namespace}/persistentvolumeclaims", claim, Stop);
    }
}
