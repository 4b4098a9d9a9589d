using Aether.Operator.Kinds;
using Aether.Operator.Metrics;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Records the outcome of each store of a world: in the world's status and events, in the metrics and in the log.
/// </summary>
internal sealed partial class OutcomeRecorder(OperatorMetrics metrics, ILogger<OutcomeRecorder> log)
{
    private readonly ILogger _log = log;

    /// <summary>Records a store that was provisioned, or why that failed.</summary>
    public void RecordEnsured(ReconcileContext context, ProvisioningRequest request, StoreOutcome outcome)
    {
        if (!outcome.IsSuccess)
        {
            RecordFailure(context, request, outcome.Store, outcome.Failure);
            return;
        }

        var (report, store, found) = (context.Report, outcome.Store, outcome.Inspection);
        if (found.Changes.Count > 0 && report.WasReady(store) && !request.IsRotating)
        {
            report.Repaired(store, found.Changes);
            metrics.DriftRepaired(store, request.Owner.Uid, found.Changes.Count);
        }

        foreach (var tail in found.Divergences)
            report.Diverged(tail);
        report.StoreReady(store, found.Reason, found.Message);
        StoresRecord.SetProvisioned(context.World, request, store, found.Reason);
        if (store == StoreName.Postgres && context.World.Status.Stores is { } stores)
            stores.Identities = [.. found.Identities ?? request.Owner.Identities];
    }

    /// <summary>Records a store that was only inspected, because the world waits for something else.</summary>
    public void RecordInspected(
        ReconcileContext context, ProvisioningRequest request, StoreOutcome outcome, StoreReason awaiting)
    {
        if (!outcome.IsSuccess)
            RecordFailure(context, request, outcome.Store, outcome.Failure);
        else if (outcome.Inspection is { Changes.Count: 0 } found)
            context.Report.StoreReady(outcome.Store, found.Reason, found.Message);
        else
            context.Report.StoreNotReady(outcome.Store, awaiting, Describe(awaiting));
    }

    /// <summary>Records why a store could not be provisioned or inspected.</summary>
    public void RecordFailure(
        ReconcileContext context, ProvisioningRequest request, StoreName store, ProvisioningException failure)
    {
        var note = request.Profile.Uses(store)
            ? ""
            : $" This world does not use {store.Display} and does not wait for it.";
        context.Report.StoreNotReady(store, failure.Reason, failure.Message + note);
        metrics.StoreFailed(store, failure.Reason);
        LogFailed(store.Display, request.Owner.World, failure.Reason, failure.Message);
    }

    private static string Describe(StoreReason awaiting) => awaiting == StoreReason.AwaitingPostgres
        ? "Nothing was created in this store yet: PostgreSQL must first show whether this world is new. Its condition "
            + "says why it has not."
        : "Nothing was created in this store: this world needs another store, which its PersistenceBackend lacks. The "
            + "condition of that store says why.";

    [LoggerMessage(5002, LogLevel.Warning, "{Store} of world {World} is not ready ({Reason}): {Message}")]
    private partial void LogFailed(string store, string world, StoreReason reason, string message);
}
