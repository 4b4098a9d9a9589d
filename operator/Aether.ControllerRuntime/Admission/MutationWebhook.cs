using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;

namespace Aether.ControllerRuntime.Admission;

/// <summary>
/// Base class of a webhook that may change objects of one kind when they are created, updated or deleted. Methods that
/// are not overridden allow the request unchanged. Each request gets its own instance.
/// </summary>
/// <typeparam name="TEntity">The kind, or the part of it that the decision needs.</typeparam>
public abstract class MutationWebhook<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private AdmissionRequest? _request;

    /// <summary>The current request, with its object as JSON.</summary>
    protected AdmissionRequest Request =>
        _request ?? throw new InvalidOperationException("Request is available only while a request is being decided.");

    /// <summary>Decides whether and how an object is created.</summary>
    public virtual Task<MutationResult<TEntity>> CreateAsync(
        TEntity entity, bool dryRun, CancellationToken cancellationToken) =>
        Task.FromResult(Create(entity, dryRun));

    /// <inheritdoc cref="CreateAsync"/>
    public virtual MutationResult<TEntity> Create(TEntity entity, bool dryRun) => NoChanges();

    /// <summary>Decides whether and how an object is updated.</summary>
    public virtual Task<MutationResult<TEntity>> UpdateAsync(
        TEntity oldEntity, TEntity newEntity, bool dryRun, CancellationToken cancellationToken) =>
        Task.FromResult(Update(oldEntity, newEntity, dryRun));

    /// <inheritdoc cref="UpdateAsync"/>
    public virtual MutationResult<TEntity> Update(TEntity oldEntity, TEntity newEntity, bool dryRun) => NoChanges();

    /// <summary>Decides whether an object is deleted.</summary>
    public virtual Task<MutationResult<TEntity>> DeleteAsync(
        TEntity entity, bool dryRun, CancellationToken cancellationToken) =>
        Task.FromResult(Delete(entity, dryRun));

    /// <inheritdoc cref="DeleteAsync"/>
    public virtual MutationResult<TEntity> Delete(TEntity entity, bool dryRun) => NoChanges();

    /// <summary>Answers a request. If the webhook throws, its failurePolicy decides instead.</summary>
    public async Task<AdmissionResult> MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        _request = request;
        var entity = request.ReadNewObject<TEntity>();
        var original = entity is null ? null : ToJson(entity);
        var result = (request.Operation, entity, request.ReadOldObject<TEntity>()) switch
        {
            (AdmissionOperation.Create, { } created, _) =>
                await CreateAsync(created, request.DryRun, cancellationToken),
            (AdmissionOperation.Update, { } updated, { } old) =>
                await UpdateAsync(old, updated, request.DryRun, cancellationToken),
            (AdmissionOperation.Delete, _, { } deleted) =>
                await DeleteAsync(deleted, request.DryRun, cancellationToken),
            _ => NoChanges(),
        };
        return result.Answer(request, original);
    }

    internal static JsonNode ToJson(TEntity entity) => JsonNode.Parse(KubernetesJson.Serialize(entity))!;

    /// <summary>Allows the request unchanged.</summary>
    protected static MutationResult<TEntity> NoChanges(params string[] warnings) => new() { Warnings = [.. warnings] };

    /// <summary>Allows the request with the typed object in its present state.</summary>
    protected static MutationResult<TEntity> Modified(TEntity entity, params string[] warnings) =>
        new(entity) { Warnings = [.. warnings] };

    /// <summary>
    /// Allows the request with this document. Use it for kinds that may have fields which this process's types lack.
    /// </summary>
    protected static MutationResult<TEntity> Modified(JsonObject document, params string[] warnings) =>
        new() { ModifiedDocument = document, Warnings = [.. warnings] };

    /// <summary>Refuses the request.</summary>
    /// <param name="reason">Message for the client: the problem and its solution.</param>
    /// <param name="statusCode">HTTP status for the client.</param>
    protected static MutationResult<TEntity> Fail(string reason, int statusCode = StatusCodes.Status403Forbidden) =>
        new() { Valid = false, Status = new AdmissionStatus(reason, statusCode) };
}
