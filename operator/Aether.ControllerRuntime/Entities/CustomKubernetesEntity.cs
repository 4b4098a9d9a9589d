using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>
/// A custom resource with a spec and a status. Its group, version, kind and plural stand in a
/// <see cref="KubernetesEntityAttribute"/> on the derived class.
/// </summary>
/// <typeparam name="TSpec">What the user asks for.</typeparam>
/// <typeparam name="TStatus">What the controller observed.</typeparam>
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

    /// <summary>Name, namespace, labels and the rest of what all objects have.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the user asks for.</summary>
    [JsonPropertyName("spec")]
    public TSpec Spec { get; set; } = new();

    /// <summary>What the controller observed; empty until the first status write.</summary>
    [JsonPropertyName("status")]
    public TStatus Status { get; set; } = new();
}
