using System.Globalization;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>
/// One reconcile: puts finalizers on, then asks the controller; once the object is being deleted, runs finalizers.
/// </summary>
internal sealed partial class Reconciler<TEntity>(
    IEntityController<TEntity> controller,
    IEnumerable<FinalizerRegistration<TEntity>> finalizers,
    IObjectClient objects,
    ILogger<Reconciler<TEntity>> logger)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly IReadOnlyList<FinalizerRegistration<TEntity>> _finalizers = [.. finalizers];

    public async Task<ReconciliationResult<TEntity>> PassAsync(TEntity entity, CancellationToken cancellationToken)
    {
        if (entity.Metadata.DeletionTimestamp is not null)
            return await FinalizeAsync(entity, cancellationToken);

        entity = await EnsureFinalizersAsync(entity, cancellationToken);
        return await controller.ReconcileAsync(entity, cancellationToken);
    }

    /// <summary>The object is gone.</summary>
    public Task<ReconciliationResult<TEntity>> ForgetAsync(TEntity entity, CancellationToken cancellationToken) =>
        controller.DeletedAsync(entity, cancellationToken);

    private async Task<TEntity> EnsureFinalizersAsync(TEntity entity, CancellationToken cancellationToken)
    {
        var present = entity.Metadata.Finalizers ?? [];
        var missing = _finalizers.Select(finalizer => finalizer.Identifier).Except(present).ToList();
        if (missing.Count == 0)
            return entity;

        var patch = Unchanged(entity.Metadata);
        if (present.Count == 0)
            patch.Add("/metadata/finalizers", new System.Text.Json.Nodes.JsonArray());
        foreach (var identifier in missing)
            patch.Add("/metadata/finalizers/-", identifier);
        return await objects.PatchAsync<TEntity>(ObjectKey.Of(entity), patch, cancellationToken);
    }

    private async Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken)
    {
        foreach (var (identifier, finalizer) in _finalizers)
        {
            var metadata = entity.Metadata;
            var index = metadata.Finalizers?.IndexOf(identifier) ?? -1;
            if (index < 0)
                continue;

            var unchanged = Unchanged(metadata);
            var key = ObjectKey.Of(entity);
            var result = await finalizer.FinalizeAsync(entity, cancellationToken);
            if (!result.IsSuccess)
                return result;

            var path = $"/metadata/finalizers/{index.ToString(CultureInfo.InvariantCulture)}";
            if (await RemoveAsync(key, unchanged.Remove(path)) is not { } remaining)
                return ReconciliationResult<TEntity>.Success(entity);

            LogFinalized(key, identifier);
            entity = remaining;
        }

        return ReconciliationResult<TEntity>.Success(entity);
    }

    // Not cancellable: what the object stood for has just been taken down. Cut off here, the object would outlive
    // it, and show users something that is no longer there until another process came to finish.
    private async Task<TEntity?> RemoveAsync(ObjectKey key, JsonPatch removal)
    {
        try
        {
            return await objects.PatchAsync<TEntity>(key, removal, CancellationToken.None);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    // Writing the version that was read, instead of testing it, makes a mismatch a conflict like any other. With it
    // a finalizer that decided by a spec edited meanwhile decides again.
    private static JsonPatch Unchanged(V1ObjectMeta metadata) =>
        new JsonPatch().Replace("/metadata/resourceVersion", metadata.ResourceVersion);

    [LoggerMessage(4006, LogLevel.Information, "{Key} is finalized by {Finalizer}")]
    private partial void LogFinalized(ObjectKey key, string finalizer);
}
