namespace Aether.Persistence.Snapshots;

/// <summary>
/// Keeps the snapshots of one world: a manifest and its chunks, which are opaque here and checksummed by the engine.
/// All members throw <see cref="StoreUnavailableException"/> when the store does not answer.
/// </summary>
public interface ISnapshotStore
{
    /// <summary>
    /// Says that <paramref name="epoch"/> has opened the world, before its writer reads or writes here, so that lower
    /// ones are refused from then on. A store that reads the lease itself need not do anything.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch.</exception>
    Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Whether a write that failed with <see cref="StoreUnavailableException"/> leaves here what it had stored, and the
    /// next one of the very same manifest and chunks goes on from there.
    /// </summary>
    bool Resumes => false;

    /// <summary>Manifests of the complete snapshots, highest sequence first, then highest epoch.</summary>
    Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores a snapshot; it becomes visible as a whole, with its manifest, when the task completes. Repeating it is
    /// safe: a snapshot of the same sequence and epoch is replaced.
    /// </summary>
    /// <exception cref="FencedException">The store has seen a higher epoch; nothing became visible.</exception>
    Task WriteAsync(
        SnapshotManifest manifest, IAsyncEnumerable<ReadOnlyMemory<byte>> chunks, CancellationToken cancellationToken);

    /// <summary>The chunks of a snapshot, in the order they were written.</summary>
    /// <exception cref="SnapshotDamagedException">The store has lost some of them, and will not find them.</exception>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(SnapshotManifest manifest, CancellationToken cancellationToken);

    /// <summary>Removes a snapshot; a missing snapshot is no error.</summary>
    /// <exception cref="FencedException">The store has seen a higher epoch than <paramref name="epoch"/>.</exception>
    Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken);
}
