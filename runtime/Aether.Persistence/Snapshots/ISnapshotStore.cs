namespace Aether.Persistence.Snapshots;

/// <summary>
/// Keeps the snapshots of one world: manifests, and chunks that the store does not interpret and the engine checksums.
/// All members throw <see cref="StoreUnavailableException"/> if the store does not answer.
/// </summary>
public interface ISnapshotStore
{
    /// <summary>
    /// Announces that <paramref name="epoch"/> has opened the world, before its writer reads or writes here, so that
    /// the store refuses lower epochs from then on. A store that reads the lease itself need not do anything.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch.</exception>
    Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Whether a write that failed with <see cref="StoreUnavailableException"/> keeps what it has stored, so that the
    /// next write of the same manifest and chunks continues from there.
    /// </summary>
    bool Resumes => false;

    /// <summary>Manifests of the complete snapshots: highest sequence first, then highest epoch.</summary>
    Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores a snapshot. It becomes visible as a whole, with its manifest, when the task completes. Repeating the call
    /// is safe: it replaces a snapshot with the same sequence and epoch.
    /// </summary>
    /// <exception cref="FencedException">
    /// The store has seen a higher epoch; the snapshot did not become visible.
    /// </exception>
    Task WriteAsync(
        SnapshotManifest manifest, IAsyncEnumerable<ReadOnlyMemory<byte>> chunks, CancellationToken cancellationToken);

    /// <summary>The chunks of a snapshot, in the order they were written.</summary>
    /// <exception cref="SnapshotDamagedException">The store has lost chunks for good.</exception>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(SnapshotManifest manifest, CancellationToken cancellationToken);

    /// <summary>Removes a snapshot; a missing snapshot is no error.</summary>
    /// <exception cref="FencedException">The store has seen a higher epoch than <paramref name="epoch"/>.</exception>
    Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken);
}
