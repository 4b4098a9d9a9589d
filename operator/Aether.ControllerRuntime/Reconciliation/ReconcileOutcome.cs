namespace Aether.ControllerRuntime;

/// <summary>How a reconcile ended, and when its object is reconciled next.</summary>
internal enum ReconcileOutcome
{
    /// <summary>The reconcile succeeded; the next one follows a change or the resync.</summary>
    Done,

    /// <summary>The reconcile, successful or not, asked for the next one after a certain delay.</summary>
    Requeued,

    /// <summary>The reconcile returned a failure; the next one follows after the object's backoff.</summary>
    Failed,

    /// <summary>The object changed during the reconcile; the next one follows after the object's backoff.</summary>
    Conflict,

    /// <summary>The reconcile threw an unexpected exception; the next one follows after the object's backoff.</summary>
    Error,

    /// <summary>The reconcile was cancelled because the process stops or has lost the lease.</summary>
    Cancelled,
}
