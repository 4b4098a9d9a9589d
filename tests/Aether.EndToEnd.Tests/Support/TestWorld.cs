using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support.Stores;
using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;

namespace Aether.EndToEnd.Tests.Support;

/// <summary>A WorldPersistence of a test, with its status in the cluster and its contents in the stores.</summary>
internal sealed class TestWorld(TestBed bed, string @namespace, string name)
{
    private string? _uid;

    public string Namespace => @namespace;

    public string Name => name;

    public WorldNames Names { get; } = WorldNames.For(@namespace, name);

    /// <summary>UID of the object last applied.</summary>
    public string Uid => _uid ?? throw new InvalidOperationException("Apply it first.");

    /// <summary>Its pods.</summary>
    public TestPods Pods { get; } = new(bed.Cluster, @namespace, name);

    private string Path => $"/apis/{AetherNames.Group}/v1alpha1/namespaces/{@namespace}/worldpersistences/{name}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Applies the world with that spec.</summary>
    /// <exception cref="ApiException">The API server refused the spec.</exception>
    public async Task ApplyAsync(string spec = "{}")
    {
        var applied = await bed.Cluster.Manifests.ApplyAsync(
            new JsonObject
            {
                ["apiVersion"] = AetherNames.Group + "/v1alpha1",
                ["kind"] = "WorldPersistence",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
                ["spec"] = JsonNode.Parse(spec),
            },
            Stop);
        _uid = (string?)applied["metadata"]!["uid"];
    }

    /// <summary>Changes fields of the world by a merge patch.</summary>
    /// <exception cref="ApiException">The API server refused the change.</exception>
    public Task MergeAsync(string patch) => bed.Client.MergeAsync(Path, JsonNode.Parse(patch)!, Stop);

    /// <summary>Deletes the world; it is gone when the task completes.</summary>
    public async Task DeleteAsync()
    {
        await bed.Client.DeleteAsync(Path, null, Stop);
        await bed.Cluster.Worlds.GoneAsync(@namespace, name);
    }

    /// <summary>Waits until the world is Ready and its status is about its present spec.</summary>
    public Task<CustomObject> ReadyAsync() => UntilAsync("Ready", "True", "AllStoresReady");

    /// <summary>Waits until a condition of the world has that status and reason for its present spec.</summary>
    public Task<CustomObject> UntilAsync(string type, string status, string reason) =>
        bed.Cluster.Worlds.UntilAsync(
            worlds => worlds.FirstOrDefault(world => IsThis(world.Metadata)
                && world.Condition(type) is { } condition
                && condition.Status == status
                && condition.Reason == reason
                && (long?)world.Status?["observedGeneration"] == world.Metadata.Generation),
            $"world {@namespace}/{name} to have {type}={status} because of {reason}",
            Waiting.Step,
            Stop);

    /// <summary>The first event about the world with that reason and text.</summary>
    public Task<Corev1Event> EventAsync(string reason, string containing = "") =>
        bed.Cluster.Events.UntilAsync(
            events => events.FirstOrDefault(item => item.InvolvedObject.Uid == Uid && item.Reason == reason
                && item.Message.Contains(containing, StringComparison.Ordinal)),
            $"event {reason} with '{containing}' about world {@namespace}/{name}",
            Waiting.Step,
            Stop);

    /// <summary>All events about the world so far.</summary>
    public IReadOnlyList<Corev1Event> Events() =>
        [.. bed.Cluster.Events.Items.Where(item => item.InvolvedObject.Uid == Uid)];

    /// <summary>Everything that stores and cluster hold of the world.</summary>
    public Task<StoreContents> ContentsAsync() => bed.Stores.ReadAsync(Names, Stop);

    /// <summary>Its Secret.</summary>
    public Task<V1Secret> SecretAsync() =>
        bed.Client.CoreV1.ReadNamespacedSecretAsync(Names.Secret, @namespace, cancellationToken: Stop);

    private bool IsThis(V1ObjectMeta metadata) => metadata.Uid == Uid;
}
