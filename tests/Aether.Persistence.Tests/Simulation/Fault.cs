namespace Aether.Persistence.Tests.Simulation;

/// <summary>What happens at one call to a simulated file system.</summary>
internal enum Fault
{
    /// <summary>The machine stops before the call takes effect.</summary>
    PowerLoss,

    /// <summary>The machine stops after the call took effect, before it returns.</summary>
    PowerLossAfter,

    /// <summary>
    /// As <see cref="PowerLossAfter"/>, and of one sector that was not synced only a part reaches the disk: disks do
    /// not do so, which the format relies on, so that here a refusal is as good as the whole history.
    /// </summary>
    TornSector,

    /// <summary>The process is killed before the call; what it wrote stays in the page cache.</summary>
    Kill,

    /// <summary>The process is killed in the midst of a write, or after any other call.</summary>
    KillDuring,

    /// <summary>
    /// The call fails; a sync loses what it should have stored, a write gets half of its bytes through.
    /// </summary>
    Error,

    /// <summary>
    /// From the call on there is no room: no file can be made, none can grow, and a write that would make one grow
    /// stops at its end. Until the process starts again.
    /// </summary>
    Full,
}
