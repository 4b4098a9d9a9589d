using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime.Admission;

/// <summary>What a <see cref="MutationWebhook{TEntity}"/> decided.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="ModifiedObject">The object as it shall become; null if it stays, or is refused.</param>
public sealed record MutationResult<TEntity>(TEntity? ModifiedObject = default)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the request may go on.</summary>
    public bool Valid { get; init; } = true;

    /// <summary>Why the request is refused; null if it goes on.</summary>
    public AdmissionStatus? Status { get; init; }

    /// <summary>What the client should know although the request goes on.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The object as it shall become, as JSON; null where the typed object says it, or it stays.</summary>
    public JsonObject? ModifiedDocument { get; init; }

    /// <summary>The answer to the API server.</summary>
    /// <param name="request">The request that was decided on.</param>
    /// <param name="original">Its object, typed, as it was before the decision.</param>
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
