using System.Runtime.CompilerServices;
using Aether.Persistence.Snapshots;

namespace Aether.Persistence.Tests.Fuzzing;

/// <summary>A store with one snapshot that answers on the caller's thread, whose allocations are counted.</summary>
internal sealed class OneSnapshot(SnapshotManifest manifest, IReadOnlyList<ReadOnlyMemory<byte>> chunks)
    : ISnapshotStore
{
    public Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SnapshotManifest>>([manifest]);

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SnapshotManifest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var chunk in chunks)
            yield return chunk;
    }

    public Task WriteAsync(
        SnapshotManifest manifest,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        CancellationToken cancellationToken) =>
        Task.FromException(new NotSupportedException());

    public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken) =>
        Task.FromException(new NotSupportedException());
}
