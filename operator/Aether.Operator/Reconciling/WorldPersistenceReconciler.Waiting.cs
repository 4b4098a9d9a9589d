using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <content>Reconciles that make nothing, because something has to be known or be there first.</content>
internal sealed partial class WorldPersistenceReconciler
{
    // Until it is known whose the world is, nothing is written: the other stores are inspected, so that all that is in
    // the way shows at once.
    private async Task<ReconciliationResult<WorldPersistence>> AwaitIdentityAsync(
        WorldPass pass,
        ProvisioningRequest request,
        ProvisioningException obstacle,
        CancellationToken cancellationToken)
    {
        recorder.RecordFailure(pass, request, stores.Postgres.Store, obstacle);
        await InspectAsync(pass, stores.Others, request, StoreReason.AwaitingPostgres, cancellationToken);
        pass.Report.SumUp(stores.Names);
        await pass.Report.WriteAsync(objects, cancellationToken);
        return StoreReasons.Lasting.Contains(obstacle.Reason)
            ? ReconciliationResult<WorldPersistence>.Success(pass.World)
            : ReconciliationResult<WorldPersistence>.Failure(pass.World, obstacle.Message);
    }

    // The world needs a store that its backend does not have. What it has elsewhere stays as it is, its Secret too, so
    // that an agent which runs goes on with what it knows.
    private async Task<ReconciliationResult<WorldPersistence>> AwaitBackendAsync(
        WorldPass pass, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var outcomes = await InspectAsync(
            pass, stores.All, request, StoreReason.AwaitingBackend, cancellationToken);
        pass.Report.SumUp(stores.Names.Where(request.Profile.Uses));
        await pass.Report.WriteAsync(objects, cancellationToken);
        return outcomes.FirstOrDefault(outcome => outcome.MayBeRetried)?.Failure is { } first
            ? ReconciliationResult<WorldPersistence>.Failure(pass.World, first.Message)
            : ReconciliationResult<WorldPersistence>.Success(pass.World);
    }

    private async Task<IReadOnlyList<StoreOutcome>> InspectAsync(
        WorldPass pass,
        IReadOnlyList<IStoreProvisioner> provisioners,
        ProvisioningRequest request,
        StoreReason awaiting,
        CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(provisioners.Select(
            provisioner => WorldStores.InspectAsync(provisioner, request, cancellationToken)));
        foreach (var outcome in outcomes)
            recorder.RecordInspected(pass, request, outcome, awaiting);
        return outcomes;
    }
}
