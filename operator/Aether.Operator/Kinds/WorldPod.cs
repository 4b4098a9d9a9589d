using Aether.ControllerRuntime;
using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>A pod with a world's label. The operator caches only its metadata and its phase.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
internal sealed class WorldPod : IKubernetesObject<V1ObjectMeta>
{
    private static readonly string[] EndedPhases = ["Succeeded", "Failed"];

    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Pod";

    public V1ObjectMeta Metadata { get; set; } = new();

    public WorldPodStatus Status { get; set => field = value ?? new(); } = new();

    /// <summary>Whether it runs, or will run, without an injected agent.</summary>
    public bool IsWithoutAgent =>
        Metadata.Annotations?.ContainsKey(InjectionNames.RevisionAnnotation) != true
        && Metadata.DeletionTimestamp is null
        && !EndedPhases.Contains(Status.Phase);

    /// <summary>The world that its label names; none if the label is empty.</summary>
    public IEnumerable<ObjectKey> World =>
        Metadata.Labels?.TryGetValue(AetherNames.WorldLabel, out var name) == true && name.Length > 0
            ? [new ObjectKey(Metadata.NamespaceProperty, name)]
            : [];
}
