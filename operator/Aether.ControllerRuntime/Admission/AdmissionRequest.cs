using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime.Admission;

/// <summary>One request that the API server sends to a webhook.</summary>
public sealed record AdmissionRequest
{
    /// <summary>Identifies the request; the answer repeats it.</summary>
    public required string Uid { get; init; }

    /// <summary>The kind of the object.</summary>
    public required string Kind { get; init; }

    /// <summary>The kind's group and version, as <c>apiVersion</c> writes them.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>The subresource, such as <c>status</c>; null for the object itself.</summary>
    public string? SubResource { get; init; }

    /// <summary>The object's name; null if the API server has not generated it yet.</summary>
    public string? Name { get; init; }

    /// <summary>The object's namespace; null for cluster-scoped kinds.</summary>
    public string? Namespace { get; init; }

    /// <summary>The requested operation.</summary>
    public required AdmissionOperation Operation { get; init; }

    /// <summary>The user that sent the request.</summary>
    public required string UserName { get; init; }

    /// <summary>Whether this is a dry run: nothing is stored, and the handler must have no side effects.</summary>
    public bool DryRun { get; init; }

    /// <summary>The object as it would become; null for a deletion.</summary>
    public JsonObject? NewObject { get; init; }

    /// <summary>The object as it is; null for a creation.</summary>
    public JsonObject? OldObject { get; init; }

    /// <summary>The object as it would become, typed; null for a deletion.</summary>
    public TEntity? ReadNewObject<TEntity>()
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => Read<TEntity>(NewObject);

    /// <summary>The object as it is, typed; null for a creation.</summary>
    public TEntity? ReadOldObject<TEntity>()
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => Read<TEntity>(OldObject);

    private static TEntity? Read<TEntity>(JsonObject? json)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        json is null ? null : KubernetesJson.Deserialize<TEntity>(json);
}
