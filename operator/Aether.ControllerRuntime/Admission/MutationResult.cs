using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime.Admission;

/// <summary>The decision of a <see cref="MutationWebhook{TEntity}"/>.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="ModifiedObject">The changed object; null if it is unchanged or refused.</param>
public sealed record MutationResult<TEntity>(TEntity? ModifiedObject = default)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the request is allowed.</summary>
    public bool Valid { get; init; } = true;

    /// <summary>Why the request is refused; null if it is allowed.</summary>
    public AdmissionStatus? Status { get; init; }

    /// <summary>Warnings for the client of an allowed request.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>
    /// The changed object as JSON; null if <see cref="ModifiedObject"/> holds the change, or there is none.
    /// </summary>
    public JsonObject? ModifiedDocument { get; init; }

    /// <summary>The answer to the API server.</summary>
    /// <param name="request">The request that was decided.</param>
    /// <param name="original">The request's object, serialized from its type before the decision.</param>
    internal AdmissionResult Answer(AdmissionRequest request, JsonNode? original)
    {
        if (!Valid)
            return AdmissionResult.Denied(Status?.Message ?? "The webhook refused the request.", Status?.Code ?? 403);

        var allowed = ModifiedDocument is { } document
            ? AdmissionResult.Patched(request.NewObject!, document)
            : ModifiedObject is { } modified
            ? AdmissionResult.Patched(original!, MutationWebhook<TEntity>.ToJson(modified))
            : AdmissionResult.Allowed;
        return Warnings.Aggregate(allowed, (result, warning) => result.WithWarning(warning));
    }
}
