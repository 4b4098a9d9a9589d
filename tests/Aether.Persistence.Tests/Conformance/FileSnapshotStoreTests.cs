using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Conformance;

public sealed class FileSnapshotStoreTests : SnapshotStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aether-snapshots-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_writer_left_unfinished_is_removed_by_the_next_and_nothing_else()
    {
        var store = new FileSnapshotStore(new LocalFileSystem(_folder.FullName));
        await store.WriteAsync(Manifest(1, new Epoch(1)), Chunks([1]), Stop);
        var kept = Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories);
        await Assert.ThrowsAnyAsync<Exception>(
            () => store.WriteAsync(Manifest(2, new Epoch(1)), Torn([1]), Stop));
        var left = Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories);

        await new FileSnapshotStore(new LocalFileSystem(_folder.FullName)).OpenAsync(new Epoch(2), Stop);

        Assert.Equal(2, left.Length);
        Assert.Equal(kept, Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    protected override Task<(IWorldLease Lease, ISnapshotStore Snapshots)> CreateWorldAsync() =>
        Task.FromResult<(IWorldLease, ISnapshotStore)>(
            (new InMemoryStores(new FakeTimeProvider()), new FileSnapshotStore(new LocalFileSystem(_folder.FullName))));
}
