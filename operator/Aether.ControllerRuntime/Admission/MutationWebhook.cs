using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;

namespace Aether.ControllerRuntime.Admission;

/// <summary>
/// Decides what becomes of objects of one kind that are created, updated or deleted. Override what concerns you: all
/// else goes on unchanged. Each request gets an instance of its own.
/// </summary>
/// <typeparam name="TEntity">The kind, or the part of it that the decision needs.</typeparam>
public abstract class MutationWebhook<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private AdmissionRequest? _request;

    /// <summary>The request that is decided on, with its object as JSON.</summary>
    protected AdmissionRequest Request =>
        _request ?? throw new InvalidOperationException("There is a request only while it is decided on.");

    /// <summary>An object is to be created.</summary>
    public virtual Task<MutationResult<TEntity>> CreateAsync(
        TEntity entity, bool dryRun, CancellationToken cancellationToken) =>
        Task.FromResult(Create(entity, dryRun));

    /// <inheritdoc cref="CreateAsync"/>
    public virtual MutationResult<TEntity> Create(TEntity entity, bool dryRun) => NoChanges();

    /// <summary>An object is to be updated.</summary>
    public virtual Task<MutationResult<TEntity>> UpdateAsync(
        TEntity oldEntity, TEntity newEntity, bool dryRun, CancellationToken cancellationToken) =>
        Task.FromResult(Update(oldEntity, newEntity, dryRun));

    /// <inheritdoc cref="UpdateAsync"/>
    public virtual MutationResult<TEntity> Update(TEntity oldEntity, TEntity newEntity, bool dryRun) => NoChanges();

    /// <summary>An object is to be deleted.</summary>
    public virtual Task<MutationResult<TEntity>> DeleteAsync(
        TEntity entity, bool dryRun, CancellationToken cancellationToken) =>
        Task.FromResult(Delete(entity, dryRun));

    /// <inheritdoc cref="DeleteAsync"/>
    public virtual MutationResult<TEntity> Delete(TEntity entity, bool dryRun) => NoChanges();

    /// <summary>Answers a request. An exception lets the webhook's failurePolicy decide.</summary>
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

    /// <summary>The request goes on as it is.</summary>
    protected static MutationResult<TEntity> NoChanges(params string[] warnings) => new() { Warnings = [.. warnings] };

    /// <summary>The request goes on with the object as it is now.</summary>
    protected static MutationResult<TEntity> Modified(TEntity entity, params string[] warnings) =>
        new(entity) { Warnings = [.. warnings] };

    /// <summary>
    /// The request goes on with this object. For kinds that newer API servers know more of than this process does.
    /// </summary>
    protected static MutationResult<TEntity> Modified(JsonObject document, params string[] warnings) =>
        new() { ModifiedDocument = document, Warnings = [.. warnings] };

    /// <summary>The request is refused.</summary>
    /// <param name="reason">Shown to the client: what is wrong and what to do.</param>
    /// <param name="statusCode">HTTP status for the client.</param>
    protected static MutationResult<TEntity> Fail(string reason, int statusCode = StatusCodes.Status403Forbidden) =>
        new() { Valid = false, Status = new AdmissionStatus(reason, statusCode) };
}
