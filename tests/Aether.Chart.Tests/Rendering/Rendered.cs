using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Aether.Chart.Tests.Rendering;

/// <summary>Helpers for rendered objects.</summary>
internal static class Rendered
{
    public static string Kind(this JsonObject item) => (string)item["kind"]!;

    public static string Name(this JsonObject item) => (string)item["metadata"]!["name"]!;

    /// <summary>Kind, namespace and name.</summary>
    public static string Identity(this JsonObject item) =>
        $"{item.Kind()} {(string?)item["metadata"]!["namespace"]}/{item.Name()}";

    /// <summary>Group of its kind.</summary>
    public static string Group(this JsonObject item) =>
        (string)item["apiVersion"]! is var version && version.IndexOf('/', StringComparison.Ordinal) is >= 0 and var end
            ? version[..end]
            : "";

    public static JsonObject One(this IEnumerable<JsonObject> objects, string kind, string name = "aether-operator") =>
        Assert.Single(objects, item => item.Kind() == kind && item.Name() == name);

    /// <summary>The pod spec of the Deployment.</summary>
    public static V1PodSpec OperatorPods(this IEnumerable<JsonObject> objects) =>
        objects.Deployment("aether-operator").Spec.Template.Spec;

    public static V1Deployment Deployment(this IEnumerable<JsonObject> objects, string name) =>
        KubernetesJson.Deserialize<V1Deployment>(
            objects.One("Deployment", name).ToJsonString());
}
