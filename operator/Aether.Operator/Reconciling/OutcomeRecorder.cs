using Aether.Operator.Kinds;
using Aether.Operator.Metrics;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Records how the work on a world's stores ended: in the world's status and events, in the metrics, in the log.
/// </summary>
internal sealed partial class OutcomeRecorder(OperatorMetrics metrics, ILogger<OutcomeRecorder> log)
{
    private readonly ILogger _log = log;

    /// <summary>Records a store that was brought into its state, or could not be.</summary>
    public void RecordEnsured(WorldPass pass, ProvisioningRequest request, StoreOutcome outcome)
    {
        if (!outcome.IsSuccess)
        {
            RecordFailure(pass, request, outcome.Store, outcome.Failure);
            return;
        }

        var (report, store, found) = (pass.Report, outcome.Store, outcome.Inspection);
        if (found.Changes.Count > 0 && report.WasReady(store) && !request.IsRotating)
        {
            report.Repaired(store, found.Changes);
            metrics.DriftRepaired(store, request.Owner.Uid, found.Changes.Count);
        }

        foreach (var tail in found.Divergences)
            report.Diverged(tail);
        report.StoreReady(store, found.Reason, found.Message);
        StoresRecord.Made(pass.World, request, store, found.Reason);
        if (store == StoreName.Postgres && pass.World.Status.Stores is { } stores)
            stores.Identities = [.. found.Identities ?? request.Owner.Identities];
    }

    /// <summary>Records a store that was only inspected, because the world waits for something else.</summary>
    public void RecordInspected(
        WorldPass pass, ProvisioningRequest request, StoreOutcome outcome, StoreReason awaiting)
    {
        if (!outcome.IsSuccess)
            RecordFailure(pass, request, outcome.Store, outcome.Failure);
        else if (outcome.Inspection is { Changes.Count: 0 } found)
            pass.Report.StoreReady(outcome.Store, found.Reason, found.Message);
        else
            pass.Report.StoreNotReady(outcome.Store, awaiting, Describe(awaiting));
    }

    /// <summary>Records a store that cannot be brought into its state.</summary>
    public void RecordFailure(
        WorldPass pass, ProvisioningRequest request, StoreName store, ProvisioningException failure)
    {
        var note = request.Profile.Uses(store)
            ? ""
            : $" This world does not use {store.Display}, and is not held up by it.";
        pass.Report.StoreNotReady(store, failure.Reason, failure.Message + note);
        metrics.StoreFailed(store, failure.Reason);
        LogFailed(store.Display, request.Owner.World, failure.Reason, failure.Message);
    }

    private static string Describe(StoreReason awaiting) => awaiting == StoreReason.AwaitingPostgres
        ? "Nothing was made here yet: PostgreSQL has not shown yet whether this world is a new one. Its condition says "
            + "why."
        : "Nothing was made here: this world needs another store, which its PersistenceBackend does not have. The "
            + "condition of that store says why.";

    [LoggerMessage(5002, LogLevel.Warning, "{Store} of world {World} is not ready: {Reason}: {Message}")]
    private partial void LogFailed(string store, string world, StoreReason reason, string message);
}
