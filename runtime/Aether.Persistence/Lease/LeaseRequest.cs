namespace Aether.Persistence.Lease;

/// <summary>A request to become the writer of a world.</summary>
/// <param name="Holder">Name of the pod, for messages.</param>
/// <param name="VolumeId">
/// Identity of the WAL volume, stored on it. An agent may take over from an agent with the same volume: commits that
/// only this volume holds are then still part of the world, whereas those of another volume have diverged.
/// </param>
/// <param name="TimeToLive">How long the lease is valid without renewal.</param>
public sealed record LeaseRequest(string Holder, Guid VolumeId, TimeSpan TimeToLive)
{
    /// <summary>
    /// An epoch that another store of the world knows. The lease may have been restored from an older backup, and
    /// epochs must not decrease. Default: none.
    /// </summary>
    public Epoch Above { get; init; }
}
