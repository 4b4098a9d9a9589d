using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <content>Reconciles that only inspect, because the world's identity is unknown or a store is missing.</content>
internal sealed partial class WorldPersistenceReconciler
{
    // Nothing is written until it is known which world the data belongs to. The other stores are inspected, so that all
    // problems show at once.
    private async Task<ReconciliationResult<WorldPersistence>> AwaitIdentityAsync(
        ReconcileContext context,
        ProvisioningRequest request,
        ProvisioningException obstacle,
        CancellationToken cancellationToken)
    {
        recorder.RecordFailure(context, request, stores.Postgres.Store, obstacle);
        await InspectAsync(context, stores.Others, request, StoreReason.AwaitingPostgres, cancellationToken);
        context.Report.SumUp(stores.Names);
        await context.Report.WriteAsync(objects, cancellationToken);
        return StoreReasons.Lasting.Contains(obstacle.Reason)
            ? ReconciliationResult<WorldPersistence>.Success(context.World, options.DriftInterval)
            : ReconciliationResult<WorldPersistence>.Failure(context.World, obstacle.Message);
    }

    // The world needs a store that its backend does not have. Its other stores and its Secret stay unchanged, so that a
    // running agent continues with its settings.
    private async Task<ReconciliationResult<WorldPersistence>> AwaitBackendAsync(
        ReconcileContext context, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var outcomes = await InspectAsync(
            context, stores.All, request, StoreReason.AwaitingBackend, cancellationToken);
        context.Report.SumUp(stores.Names.Where(request.Profile.Uses));
        await context.Report.WriteAsync(objects, cancellationToken);
        return outcomes.FirstOrDefault(outcome => outcome.MayBeRetried)?.Failure is { } first
            ? ReconciliationResult<WorldPersistence>.Failure(context.World, first.Message)
            : ReconciliationResult<WorldPersistence>.Success(context.World, options.DriftInterval);
    }

    private async Task<IReadOnlyList<StoreOutcome>> InspectAsync(
        ReconcileContext context,
        IReadOnlyList<IStoreProvisioner> provisioners,
        ProvisioningRequest request,
        StoreReason awaiting,
        CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(provisioners.Select(
            provisioner => WorldStores.InspectAsync(provisioner, request, cancellationToken)));
        foreach (var outcome in outcomes)
            recorder.RecordInspected(context, request, outcome, awaiting);
        return outcomes;
    }
}
