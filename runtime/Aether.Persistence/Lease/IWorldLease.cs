namespace Aether.Persistence.Lease;

/// <summary>
/// The right to write to a world: a row that holds epoch, holder and expiry, judged by the store's own clock.
/// All members throw <see cref="StoreUnavailableException"/> when the store does not answer.
/// </summary>
public interface IWorldLease
{
    /// <summary>
    /// Takes the lease with the next epoch, above <see cref="LeaseRequest.Above"/> too, if it is free, released, run
    /// out or held with the same volume (ADR 0008), and records the opening in the world's history, in one atomic step.
    /// Returns who holds it otherwise.
    /// </summary>
    Task<LeaseAttempt> TryAcquireAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Extends the lease by <paramref name="timeToLive"/> from now, if it ran out untaken too; but not once it was
    /// given back.
    /// </summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    Task RenewAsync(Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>
    /// Returns if the last opening of the world is that with <paramref name="epoch"/>, whether or not the lease has run
    /// out since.
    /// </summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    Task ConfirmAsync(Epoch epoch, CancellationToken cancellationToken);

    /// <summary>Gives the lease back, so that the next writer need not wait. A lost lease is no error.</summary>
    Task ReleaseAsync(Epoch epoch, CancellationToken cancellationToken);

    /// <summary>The openings of the world after <paramref name="epoch"/>, oldest first.</summary>
    Task<IReadOnlyList<EpochRecord>> ReadEpochsAfterAsync(Epoch epoch, CancellationToken cancellationToken);
}
