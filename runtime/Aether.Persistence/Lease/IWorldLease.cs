namespace Aether.Persistence.Lease;

/// <summary>
/// The right to write to a world: a row with epoch, holder and expiry, judged by the store's own clock. All members
/// throw <see cref="StoreUnavailableException"/> if the store does not answer.
/// </summary>
public interface IWorldLease
{
    /// <summary>
    /// Takes the lease under the next epoch, which is also above <see cref="LeaseRequest.Above"/>, if the lease is
    /// free, released, expired or held with the same volume (ADR 0008). Records the opening in the world's history in
    /// the same atomic step. Otherwise returns the present holder.
    /// </summary>
    Task<LeaseAttempt> TryAcquireAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Extends the lease by <paramref name="timeToLive"/> from now. This also works after the lease has expired, if no
    /// other writer took it, but not after it was released. When the task completes, a crash of the store can no longer
    /// take the renewal back: the writer relies on it until it expires.
    /// </summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    Task RenewAsync(Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>
    /// Returns if the last opening of the world has <paramref name="epoch"/>, whether or not the lease has expired
    /// since.
    /// </summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    Task ConfirmAsync(Epoch epoch, CancellationToken cancellationToken);

    /// <summary>
    /// Releases the lease, so that the next writer need not wait. Releasing a lost lease is no error.
    /// </summary>
    Task ReleaseAsync(Epoch epoch, CancellationToken cancellationToken);

    /// <summary>The openings of the world after <paramref name="epoch"/>, oldest first.</summary>
    Task<IReadOnlyList<EpochRecord>> ReadEpochsAfterAsync(Epoch epoch, CancellationToken cancellationToken);
}
