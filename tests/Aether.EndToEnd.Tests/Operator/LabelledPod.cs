using System.Net;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.Persistence.Contracts;
using k8s;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Pods as their users write them, sent to the API server and read back.</summary>
internal static class LabelledPod
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// A pod with an init container and two containers. It is bound to a node that does not exist, so that it never
    /// runs: only the result of admission counts.
    /// </summary>
    public static JsonObject Of(string name, string? world)
    {
        var pod = JsonNode.Parse(
            """
            {"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"app.kubernetes.io/name":"economy"}},
             "spec":{"nodeName":"nowhere",
                     "initContainers":[{"name":"prepare","image":"tool:1"}],
                     "containers":[{"name":"world","image":"world:1"},{"name":"chat","image":"chat:1"}]}}
            """)!.AsObject();
        pod["metadata"]!["name"] = name;
        if (world is not null)
            pod["metadata"]!["labels"]![AetherNames.WorldLabel] = world;
        return pod;
    }

    /// <summary>Creates the pod; returns the server's version of it.</summary>
    /// <exception cref="ApiException">The server, or its webhook, refused it.</exception>
    public static Task<JsonObject> CreatePodAsync(
        this Kubernetes client, string @namespace, JsonObject pod, string query = "") =>
        client.PostAsync($"/api/v1/namespaces/{@namespace}/pods{query}", pod, Stop);

    /// <summary>Whether the server has a pod of that name.</summary>
    public static async Task<bool> HasPodAsync(this Kubernetes client, string @namespace, string name)
    {
        try
        {
            await client.GetAsync($"/api/v1/namespaces/{@namespace}/pods/{name}", Stop);
            return true;
        }
        catch (ApiException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}
