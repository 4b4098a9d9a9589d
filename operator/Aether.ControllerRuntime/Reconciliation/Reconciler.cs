using System.Globalization;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>
/// Reconciles one object: adds missing finalizers and calls the controller, or, if the object is being deleted, runs
/// its finalizers.
/// </summary>
internal sealed partial class Reconciler<TEntity>(
    IEntityController<TEntity> controller,
    IEnumerable<FinalizerRegistration<TEntity>> finalizers,
    IObjectClient objects,
    ILogger<Reconciler<TEntity>> logger)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly IReadOnlyList<FinalizerRegistration<TEntity>> _finalizers = [.. finalizers];

    public async Task<ReconciliationResult<TEntity>> ReconcileAsync(
        TEntity entity, CancellationToken cancellationToken)
    {
        if (entity.Metadata.DeletionTimestamp is not null)
            return await FinalizeAsync(entity, cancellationToken);

        entity = await EnsureFinalizersAsync(entity, cancellationToken);
        return await controller.ReconcileAsync(entity, cancellationToken);
    }

    /// <summary>Reports to the controller that the object was deleted.</summary>
    public Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken) =>
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

    // Not cancellable: the finalizer has just deleted what the object represents. If the removal were cancelled,
    // users would see an object without its resources until another process removed the finalizer.
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

    // Replacing the version instead of testing it turns a mismatch into an ordinary conflict. If the spec was edited
    // meanwhile, the conflict makes the finalizer decide again.
    private static JsonPatch Unchanged(V1ObjectMeta metadata) =>
        new JsonPatch().Replace("/metadata/resourceVersion", metadata.ResourceVersion);

    [LoggerMessage(4006, LogLevel.Information,
        "Finalizer {Finalizer} has cleaned up after {Key} and is removed from it")]
    private partial void LogFinalized(ObjectKey key, string finalizer);
}
