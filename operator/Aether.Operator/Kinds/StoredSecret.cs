using k8s;
using k8s.Models;

namespace Aether.Operator.Kinds;

/// <summary>
/// A world's Secret. A type of its own, because these Secrets are cached apart from those of backends: by the label of
/// their maker, in the namespaces of worlds.
/// </summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Secret", PluralName = "secrets")]
internal sealed class StoredSecret : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Label that every Secret made by the operator carries.</summary>
    public const string MakerLabel = "app.kubernetes.io/managed-by";

    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Secret";

    public V1ObjectMeta Metadata { get; set; } = new();

    public string? Type { get; set; }

    public bool? Immutable { get; set; }

    public IDictionary<string, byte[]>? Data { get; set; }

    /// <summary>Whether the cache of worlds' Secrets selects it.</summary>
    public bool IsLabelled =>
        Metadata.Labels?.TryGetValue(MakerLabel, out var maker) == true && maker == OperatorNames.Operator;
}
