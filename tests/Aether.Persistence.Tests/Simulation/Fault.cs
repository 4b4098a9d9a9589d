namespace Aether.Persistence.Tests.Simulation;

/// <summary>A fault at one call to a simulated file system.</summary>
internal enum Fault
{
    /// <summary>The machine stops before the call takes effect.</summary>
    PowerLoss,

    /// <summary>The machine stops after the call took effect, before it returns.</summary>
    PowerLossAfter,

    /// <summary>
    /// As <see cref="PowerLossAfter"/>, but one unsynced sector reaches the disk only in part. Real disks do not do
    /// this, and the format relies on that, so here a refusal is as good as the whole history.
    /// </summary>
    TornSector,

    /// <summary>The process is killed before the call; its earlier writes stay in the page cache.</summary>
    Kill,

    /// <summary>The process is killed in the middle of a write, or after any other call.</summary>
    KillDuring,

    /// <summary>
    /// The call fails; a sync loses the data that it should have stored, a write stores half of its bytes.
    /// </summary>
    Error,

    /// <summary>
    /// From this call on the disk is full, until the process restarts: no file can be created or grow, and a write that
    /// would make a file grow stops at its end.
    /// </summary>
    Full,
}
