using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.Persistence.Contracts;
using k8s;

namespace Aether.DevCluster.Clusters;

/// <summary>
/// Finds out whether the API server reaches the operator's webhook and trusts it. Only the API server knows, and only
/// an attempt shows it: the webhook refuses a pod of a world that does not exist, with a message of its own.
/// </summary>
internal static class WebhookReadiness
{
    private const string NoWorld = "no-such-world";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <exception cref="TimeoutException">
    /// The webhook did not answer; the message holds the API server's last answer.
    /// </exception>
    public static async Task WaitAsync(
        Kubernetes client, CancellationToken cancellationToken, string @namespace = "default")
    {
        var since = TimeProvider.System.GetTimestamp();
        while (await AskAsync(client, @namespace, cancellationToken) is var answer
            && !answer.Contains($"WorldPersistence {NoWorld}", StringComparison.Ordinal))
        {
            if (TimeProvider.System.GetElapsedTime(since) > Timeout)
                throw new TimeoutException($"The webhook was not reached within {Timeout}: {answer}");
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<string> AskAsync(
        Kubernetes client, string @namespace, CancellationToken cancellationToken)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = "webhook-readiness",
                ["labels"] = new JsonObject { [AetherNames.WorldLabel] = NoWorld },
            },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "none", ["image"] = "none" }),
            },
        };
        try
        {
            await client.PostAsync($"/api/v1/namespaces/{@namespace}/pods?dryRun=All", pod, cancellationToken);
            return "the pod was accepted";
        }
        catch (ApiException refusal)
        {
            return refusal.Message;
        }
    }
}
