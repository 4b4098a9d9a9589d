using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Drops or keeps a world's stores before its resource is removed. Stores are dropped only if deletionPolicy says so,
/// and only those with the resource's own mark.
/// </summary>
internal sealed partial class WorldFinalizer(
    IObjectClient objects,
    IEventRecorder events,
    BackendResolver backends,
    WorldSecret secrets,
    IEnumerable<IStoreProvisioner> provisioners,
    TimeProvider clock,
    ILogger<WorldFinalizer> log) : IEntityFinalizer<WorldPersistence>
{
    // A released lease shows at the next inspection; a lease that is no longer renewed expires after 10 s.
    private static readonly TimeSpan WriterPollInterval = TimeSpan.FromSeconds(2);

    private readonly ILogger _log = log;
    private readonly IReadOnlyList<IStoreProvisioner> _provisioners = [.. provisioners];

    public async Task<ReconciliationResult<WorldPersistence>> FinalizeAsync(
        WorldPersistence world, CancellationToken cancellationToken)
    {
        if (world.Status.Stores is not null && !WorldOwners.MayGoUnderWriter(world)
            && await FindWriterAsync(world, cancellationToken) is { } writer)
            return await HoldAsync(world, writer, cancellationToken);

        // Without recorded stores nothing was ever created: a world that was refused from the start is removed at once.
        if (world.Status.Stores is not null
            && WorldProfile.ResolveDeletionPolicy(world.Spec) == DeletionPolicy.Delete)
        {
            switch (await DropAsync(world, cancellationToken))
            {
                case null:
                    return ReconciliationResult<WorldPersistence>.Failure(
                        world, "The world changed in the meantime, so nothing was dropped yet.");
                case { Count: > 0 } obstacles:
                    return await BlockAsync(world, obstacles, cancellationToken);
            }
        }

        await secrets.DeleteAsync(world, cancellationToken);
        ReportOutcome(world);
        return ReconciliationResult<WorldPersistence>.Success(world);
    }

    // With a live writer, the pod's reports would go nowhere, and with Delete its state would be dropped while it
    // serves it. If the stores cannot say whether there is a writer, the deletion continues, so that the deletion of a
    // namespace is not blocked: its pods end by themselves.
    private async Task<LiveWriter?> FindWriterAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        try
        {
            var request = Request(world, await backends.ResolveAsync(world, cancellationToken));
            var found = await Task.WhenAll(
                _provisioners.Select(provisioner => provisioner.FindWriterAsync(request, cancellationToken)));
            return found.OfType<LiveWriter>().FirstOrDefault();
        }
        catch (Exception exception) when (exception is BackendException or ProvisioningException)
        {
            LogWriterUnknown(world.Metadata.NamespaceProperty, world.Metadata.Name, exception.Message);
            return null;
        }
    }

    private async Task<ReconciliationResult<WorldPersistence>> HoldAsync(
        WorldPersistence world, LiveWriter writer, CancellationToken cancellationToken)
    {
        var report = new WorldReport(world, events, clock);
        report.NotReady(WorldPhase.Deleting, WorldReason.WriterLive,
            $"Pod {writer.Holder} holds the world under epoch {writer.Epoch} and may be writing to it. Stop it: "
            + "scale its workload to zero, or delete the pod. The resource is removed once the pod has released the "
            + "world, or 10 s after a pod that ended without releasing it. To remove the resource at once while the "
            + "pod keeps running, annotate the resource with "
            + $"{OperatorNames.DeleteUnderWriterAnnotation}={world.Metadata.Uid}.");
        await report.WriteAsync(objects, cancellationToken);
        return ReconciliationResult<WorldPersistence>.Failure(
            world, $"Pod {writer.Holder} holds the world.", requeueAfter: WriterPollInterval);
    }

    private static DeletionRequest Request(WorldPersistence world, BackendAccess backend) => new()
    {
        Owner = WorldOwners.Of(world),
        Names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name),
        Backend = backend,
        Held =
        [
            .. world.Status.Stores?.RedisProvisioned == true ? new[] { StoreName.Redis } : [],
            .. world.Status.Stores?.NatsProvisioned == true ? new[] { StoreName.Nats } : [],
        ],
    };

    // The obstacles; null if the world's resource has changed in the meantime.
    private async Task<IReadOnlyList<string>?> DropAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        if (world.Spec.Paused)
            return ["spec.paused is set, so the operator does not touch the stores: unset it."];

        try
        {
            var request = Request(world, await backends.ResolveLiveAsync(world, cancellationToken));
            if (!await IsCurrentAsync(world, cancellationToken))
                return null;
            var outcomes = await Task.WhenAll(
                _provisioners.Select(provisioner => DropAsync(provisioner, request, cancellationToken)));
            return [.. outcomes.OfType<string>()];
        }
        catch (BackendException exception)
        {
            return [exception.Message];
        }
    }

    // A drop cannot be undone, and the resource at hand comes from a cache, which may lag behind a change to Retain or
    // a pause.
    private async Task<bool> IsCurrentAsync(WorldPersistence world, CancellationToken cancellationToken) =>
        await objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(world), cancellationToken) is { } current
        && current.Metadata.ResourceVersion == world.Metadata.ResourceVersion;

    private static async Task<string?> DropAsync(
        IStoreProvisioner provisioner, DeletionRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await provisioner.DeleteAsync(request, cancellationToken);
            return null;
        }
        catch (ProvisioningException exception)
        {
            return exception.Message;
        }
    }

    private async Task<ReconciliationResult<WorldPersistence>> BlockAsync(
        WorldPersistence world, IReadOnlyList<string> obstacles, CancellationToken cancellationToken)
    {
        var message = $"{string.Join(" ", obstacles)} To remove the resource and keep the stores, set "
            + "spec.deletionPolicy to Retain.";
        var report = new WorldReport(world, events, clock);
        report.NotReady(WorldPhase.Deleting, WorldReason.DeletionBlocked, message);
        await report.WriteAsync(objects, cancellationToken);
        LogBlocked(world.Metadata.NamespaceProperty, world.Metadata.Name, message);
        return ReconciliationResult<WorldPersistence>.Failure(world, message);
    }

    private void ReportOutcome(WorldPersistence world)
    {
        if (world.Status.Stores is null)
            return;

        var dropped = WorldProfile.ResolveDeletionPolicy(world.Spec) == DeletionPolicy.Delete;
        if (dropped)
            events.Normal(world, WorldEvents.StoresDeleted, WorldEvents.Finalize,
                "Schema, role, keys, user and stream of this world were dropped where they carried its mark.");
        else
            events.Normal(world, WorldEvents.StoresRetained, WorldEvents.Finalize,
                "The world's stores were kept. A WorldPersistence of the same name adopts them if annotated with "
                + $"{AetherNames.AdoptAnnotation}={world.Metadata.Uid}.");
        LogFinalized(world.Metadata.NamespaceProperty, world.Metadata.Name, dropped ? "dropped" : "retained");
    }

    [LoggerMessage(5011, LogLevel.Information, "World {Namespace}/{Name} is deleted; its stores were {Outcome}")]
    private partial void LogFinalized(string @namespace, string name, string outcome);

    [LoggerMessage(5013, LogLevel.Warning,
        "Cannot determine whether a pod holds world {Namespace}/{Name}; deleting it anyway: {Message}")]
    private partial void LogWriterUnknown(string @namespace, string name, string message);

    [LoggerMessage(5012, LogLevel.Warning, "World {Namespace}/{Name} cannot be deleted yet: {Message}")]
    private partial void LogBlocked(string @namespace, string name, string message);
}
