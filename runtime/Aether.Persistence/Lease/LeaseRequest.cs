namespace Aether.Persistence.Lease;

/// <summary>Who wants to write.</summary>
/// <param name="Holder">Name of the pod, for people.</param>
/// <param name="VolumeId">
/// Identity of the WAL volume, kept on it. The same volume may follow itself: commits that only it holds are then
/// still part of the world, while those of another volume have diverged.
/// </param>
/// <param name="TimeToLive">How long the lease holds without being renewed.</param>
public sealed record LeaseRequest(string Holder, Guid VolumeId, TimeSpan TimeToLive)
{
    /// <summary>
    /// An epoch that the world had by another of its stores: the lease may have been restored from an older backup,
    /// and epochs must not fall. Default: none.
    /// </summary>
    public Epoch Above { get; init; }
}
