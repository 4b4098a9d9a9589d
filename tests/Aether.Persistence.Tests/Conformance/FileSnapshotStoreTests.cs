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

    [Theory]
    [InlineData("notes.snapshot")]
    [InlineData("1-1.snapshot")]
    [InlineData("00000000000000000007-0000000000000000000x.snapshot")]
    public async Task A_file_that_the_store_would_name_otherwise_is_none_of_its_own_and_stays(string name)
    {
        var store = new FileSnapshotStore(new LocalFileSystem(_folder.FullName));
        await store.WriteAsync(Manifest(1, new Epoch(1)), Chunks([1]), Stop);
        var foreign = Path.Combine(_folder.FullName, "snapshots", name);
        await File.WriteAllTextAsync(foreign, "not a snapshot", Stop);

        await store.OpenAsync(new Epoch(2), Stop);

        Assert.Equal([Manifest(1, new Epoch(1))], await store.ListAsync(Stop));
        Assert.True(File.Exists(foreign));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    protected override Task<(IWorldLease Lease, ISnapshotStore Snapshots)> CreateWorldAsync() =>
        Task.FromResult<(IWorldLease, ISnapshotStore)>(
            (new InMemoryStores(new FakeTimeProvider()), new FileSnapshotStore(new LocalFileSystem(_folder.FullName))));
}
