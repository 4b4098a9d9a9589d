using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>
/// A custom resource with a spec and a status. The derived class names its group, version, kind and plural in a <see
/// cref="KubernetesEntityAttribute"/>.
/// </summary>
/// <typeparam name="TSpec">The desired state, written by the user.</typeparam>
/// <typeparam name="TStatus">The observed state, written by the controller.</typeparam>
public abstract class CustomKubernetesEntity<TSpec, TStatus>
    : IKubernetesObject<V1ObjectMeta>, ISpec<TSpec>, IStatus<TStatus>
    where TSpec : new()
    where TStatus : new()
{
    /// <summary>Group and version, such as <c>example.dev/v1</c>; filled in on every read and write.</summary>
    [JsonPropertyName("apiVersion")]
    public string? ApiVersion { get; set; }

    /// <summary>The kind; filled in on every read and write.</summary>
    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    /// <summary>Name, namespace, labels and other metadata.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>The desired state, written by the user.</summary>
    [JsonPropertyName("spec")]
    public TSpec Spec { get; set; } = new();

    /// <summary>The observed state, written by the controller; empty until the first status write.</summary>
    [JsonPropertyName("status")]
    public TStatus Status { get; set; } = new();
}
