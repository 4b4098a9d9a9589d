using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

internal sealed partial class WorldPersistenceReconciler
{
    // Until it is known whose the world is, nothing is written: the other stores are inspected, so that all that is in
    // the way shows at once.
    private async Task<ReconcileResult> WaitAsync(
        WorldPersistence world,
        WorldReport report,
        ProvisioningException obstacle,
        ProvisioningRequest request,
        CancellationToken cancellationToken)
    {
        Fail(_provisioners[0], request, report, obstacle);
        await Task.WhenAll(_provisioners.Skip(1).Select(
            provisioner => LookAsync(provisioner, request, report, StoreReasons.AwaitingPostgres, cancellationToken)));
        report.SumUp(_provisioners.Select(provisioner => provisioner.Store));
        await report.WriteAsync(objects, cancellationToken);
        return Lasting.Contains(obstacle.Reason)
            ? ReconcileResult.Done
            : ReconcileResult.Failed(obstacle.Message);
    }

    // The world needs a store that its backend does not have. What it has elsewhere stays as it is, its Secret too, so
    // that an agent which runs goes on with what it knows.
    private async Task<ReconcileResult> RefuseAsync(
        WorldReport report, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var failures = await Task.WhenAll(_provisioners.Select(
            provisioner => LookAsync(provisioner, request, report, StoreReasons.AwaitingBackend, cancellationToken)));
        report.SumUp(_provisioners.Select(provisioner => provisioner.Store).Where(request.Profile.Uses));
        await report.WriteAsync(objects, cancellationToken);
        return failures.FirstOrDefault(failure => failure is not null && !Lasting.Contains(failure.Reason)) is { } first
            ? ReconcileResult.Failed(first.Message)
            : ReconcileResult.Done;
    }

    private async Task<ProvisioningException?> LookAsync(
        IStoreProvisioner provisioner,
        ProvisioningRequest request,
        WorldReport report,
        string awaiting,
        CancellationToken cancellationToken)
    {
        try
        {
            var found = await provisioner.InspectAsync(request, cancellationToken);
            lock (report)
            {
                if (found.Changes.Count == 0)
                    report.StoreReady(provisioner.Store, found.Reason, found.Message);
                else
                    report.StoreNotReady(provisioner.Store, awaiting, awaiting == StoreReasons.AwaitingPostgres
                        ? "Nothing was made here yet: PostgreSQL has not shown yet whether this world is a new one. "
                            + "Its condition says why."
                        : "Nothing was made here: this world needs another store, which its PersistenceBackend does "
                            + "not have. The condition of that store says why.");
            }

            return null;
        }
        catch (ProvisioningException exception)
        {
            Fail(provisioner, request, report, exception);
            return exception;
        }
    }
}
