using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Chart.Tests.Releases;

/// <summary>
/// A pod of a world as its user writes it. Its log is deleted with it, so lasting data is in the stores.
/// </summary>
internal sealed class WorldPod(ReleaseCluster cluster, string world, string name)
{
    private const string Namespace = ReleaseCluster.Games;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Creates the pod; its world's container runs when the task completes.</summary>
    public async Task<V1Pod> RunAsync()
    {
        var pod = ReleaseCluster.Object("v1", "Pod", Namespace, name);
        pod["metadata"]!["labels"] = new JsonObject { [AetherNames.WorldLabel] = world };
        pod["spec"] = JsonNode.Parse(
            $$$"""
            {"securityContext":{"runAsNonRoot":true,"runAsUser":1000,"seccompProfile":{"type":"RuntimeDefault"} },
             "containers":[{"name":"world","image":"{{{ReleaseCluster.IdleImage}}}","securityContext":
                {"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]} } }]}
            """);
        await cluster.Client.PostAsync($"/api/v1/namespaces/{Namespace}/pods", pod, Stop);
        return await cluster.Node.Pods.PodAsync(
            Namespace, name, item => item.Container("world")?.State.Running is not null, "with its world running");
    }

    /// <summary>A client of the pod's agent.</summary>
    public AgentClient Agent() => new(cluster.Node.HostPath(
        Namespace, name, AetherNames.AgentContainer, $"{AetherNames.SocketDirectory}/{AetherNames.SocketFile}"));

    /// <summary>Deletes the pod by force; it is gone when the task completes.</summary>
    public async Task RemoveAsync()
    {
        await cluster.Client.DeleteAsync(
            $"/api/v1/namespaces/{Namespace}/pods/{name}", new JsonObject { ["gracePeriodSeconds"] = 0 }, Stop);
        await cluster.Node.Pods.GoneAsync(Namespace, name);
    }
}
