using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Settles what becomes of a world's stores before the resource may go. Nothing is dropped unless deletionPolicy says
/// so, and then only what carries the resource's own mark.
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
    // A lease that is not renewed lasts 10 s; one that is given back is seen at the next look.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly ILogger _log = log;
    private readonly IReadOnlyList<IStoreProvisioner> _provisioners = [.. provisioners];

    public async Task<ReconciliationResult<WorldPersistence>> FinalizeAsync(
        WorldPersistence world, CancellationToken cancellationToken)
    {
        if (world.Status.Stores is not null && !WorldOwners.MayGoUnderWriter(world)
            && await FindWriterAsync(world, cancellationToken) is { } writer)
            return await HoldAsync(world, writer, cancellationToken);

        // Without recorded stores nothing was ever made: a world that was refused from the start goes at once.
        if (world.Status.Stores is not null
            && WorldProfile.ResolveDeletionPolicy(world.Spec) == DeletionPolicy.Delete)
        {
            switch (await DropAsync(world, cancellationToken))
            {
                case null:
                    return ReconciliationResult<WorldPersistence>.Failure(
                        world, "The world was changed meanwhile, so nothing was dropped yet.");
                case { Count: > 0 } obstacles:
                    return await BlockAsync(world, obstacles, cancellationToken);
            }
        }

        await secrets.DeleteAsync(world, cancellationToken);
        Tell(world);
        return ReconciliationResult<WorldPersistence>.Success(world);
    }

    // Nobody would hear any more what the pod reports, and with Delete its state would be dropped while it serves it. A
    // writer that cannot be asked for holds nothing up: the pods of a namespace that is being deleted go by themselves.
    private async Task<LiveWriter?> FindWriterAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        try
        {
            var request = await RequestAsync(world, cancellationToken);
            var found = await Task.WhenAll(
                _provisioners.Select(provisioner => provisioner.FindWriterAsync(request, cancellationToken)));
            return found.OfType<LiveWriter>().FirstOrDefault();
        }
        catch (Exception exception) when (exception is BackendException or ProvisioningException)
        {
            LogUnasked(world.Metadata.NamespaceProperty, world.Metadata.Name, exception.Message);
            return null;
        }
    }

    private async Task<ReconciliationResult<WorldPersistence>> HoldAsync(
        WorldPersistence world, LiveWriter writer, CancellationToken cancellationToken)
    {
        var report = new WorldReport(world, events, clock);
        report.NotReady(WorldPhase.Deleting, WorldReason.WriterLive,
            $"Pod {writer.Holder} holds the world under epoch {writer.Epoch} and may be writing to it. Stop it: "
            + "scale its workload to zero, or delete the pod. The resource goes once it has given the world back, or "
            + "10 s after it ended without that. To let the resource go at once and the pod go on, annotate it with "
            + $"{OperatorNames.DeleteUnderWriterAnnotation}={world.Metadata.Uid}.");
        await report.WriteAsync(objects, cancellationToken);
        return ReconciliationResult<WorldPersistence>.Failure(
            world, $"Pod {writer.Holder} holds the world.", requeueAfter: LookAgain);
    }

    private async Task<DeletionRequest> RequestAsync(WorldPersistence world, CancellationToken cancellationToken) =>
        new()
        {
            Owner = WorldOwners.Of(world),
            Names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name),
            Backend = await backends.ResolveAsync(world, cancellationToken),
            Held =
            [
                .. world.Status.Stores?.RedisProvisioned == true ? new[] { StoreName.Redis } : [],
                .. world.Status.Stores?.NatsProvisioned == true ? new[] { StoreName.Nats } : [],
            ],
        };

    // What is in the way; null if the world is no longer the one in hand.
    private async Task<IReadOnlyList<string>?> DropAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        if (world.Spec.Paused)
            return ["spec.paused is set, so the stores are left alone: unset it."];

        try
        {
            var request = await RequestAsync(world, cancellationToken);
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

    // A drop cannot be taken back, and the copy in hand is a cache's: it may not know yet of a Retain or a pause.
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
        var message = $"{string.Join(" ", obstacles)} To let the resource go and leave the stores as they are, set "
            + "spec.deletionPolicy to Retain.";
        var report = new WorldReport(world, events, clock);
        report.NotReady(WorldPhase.Deleting, WorldReason.DeletionBlocked, message);
        await report.WriteAsync(objects, cancellationToken);
        LogBlocked(world.Metadata.NamespaceProperty, world.Metadata.Name, message);
        return ReconciliationResult<WorldPersistence>.Failure(world, message);
    }

    private void Tell(WorldPersistence world)
    {
        if (world.Status.Stores is null)
            return;

        var dropped = WorldProfile.ResolveDeletionPolicy(world.Spec) == DeletionPolicy.Delete;
        if (dropped)
            events.Normal(world, WorldEvents.StoresDeleted, WorldEvents.Finalize,
                "Schema, role, keys, user and stream of this world were dropped where they carried its mark.");
        else
            events.Normal(world, WorldEvents.StoresRetained, WorldEvents.Finalize,
                "The world's stores stay. A WorldPersistence of the same name takes them over when annotated with "
                + $"{AetherNames.AdoptAnnotation}={world.Metadata.Uid}.");
        LogFinalized(world.Metadata.NamespaceProperty, world.Metadata.Name, dropped ? "dropped" : "retained");
    }

    [LoggerMessage(5011, LogLevel.Information, "World {Namespace}/{Name} is deleted, its stores are {Outcome}")]
    private partial void LogFinalized(string @namespace, string name, string outcome);

    [LoggerMessage(5013, LogLevel.Warning,
        "Cannot find out whether a pod holds world {Namespace}/{Name}. Deleting it anyway: {Message}")]
    private partial void LogUnasked(string @namespace, string name, string message);

    [LoggerMessage(5012, LogLevel.Warning, "World {Namespace}/{Name} cannot be deleted yet: {Message}")]
    private partial void LogBlocked(string @namespace, string name, string message);
}
