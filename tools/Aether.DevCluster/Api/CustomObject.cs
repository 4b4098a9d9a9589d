using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Aether.DevCluster.Api;

/// <summary>An object of a custom resource, with untyped spec and status.</summary>
internal sealed class CustomObject : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public JsonObject? Spec { get; set; }

    public JsonObject? Status { get; set; }

    /// <summary>The condition of that type; null if there is none.</summary>
    public ObjectCondition? Condition(string type) =>
        Status?["conditions"]?.AsArray().FirstOrDefault(item => (string?)item!["type"] == type) is { } condition
            ? new ObjectCondition(
                (string?)condition["status"] ?? "",
                (string?)condition["reason"] ?? "",
                (string?)condition["message"] ?? "")
            : null;
}
