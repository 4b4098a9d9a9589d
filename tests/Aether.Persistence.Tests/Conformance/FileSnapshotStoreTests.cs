using Aether.Persistence.Conformance;
using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Conformance;

public sealed class FileSnapshotStoreTests : SnapshotStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aether-snapshots-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Next_writer_removes_unfinished_snapshots_and_no_other_file()
    {
        var store = new FileSnapshotStore(new LocalFileSystem(_folder.FullName));
        await store.WriteAsync(Manifest(1, new Epoch(1)), Chunks([1]), Stop);
        var kept = Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories);
        await File.WriteAllBytesAsync(
            Path.Combine(_folder.FullName, FileSnapshotStore.PathOf(Manifest(2, new Epoch(1))) + ".tmp"), [1], Stop);

        await new FileSnapshotStore(new LocalFileSystem(_folder.FullName)).OpenAsync(new Epoch(2), Stop);

        Assert.Equal(kept, Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_snapshot_that_failed_leaves_nothing_behind()
    {
        var store = new FileSnapshotStore(new LocalFileSystem(_folder.FullName));

        await Assert.ThrowsAnyAsync<Exception>(
            () => store.WriteAsync(Manifest(2, new Epoch(1)), Torn([1]), Stop));

        Assert.Empty(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Files_that_the_store_did_not_name_are_neither_read_nor_deleted()
    {
        var store = new FileSnapshotStore(new LocalFileSystem(_folder.FullName));
        await store.WriteAsync(Manifest(1, new Epoch(1)), Chunks([1]), Stop);
        var folder = Path.Combine(_folder.FullName, "snapshots");
        var own = Assert.Single(Directory.GetFiles(folder));
        File.Copy(own, Path.Combine(folder, "1-1.snapshot"));
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.snapshot"), "not ours", Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.tmp"), "not ours", Stop);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "99999999999999999999-00000000000000000001.snapshot"), "not ours", Stop);
        Directory.CreateDirectory(Path.Combine(folder, "old.snapshot"));
        Directory.CreateDirectory(Path.Combine(folder, "old.tmp"));
        var before = Directory.GetFileSystemEntries(folder).Order();

        await store.OpenAsync(new Epoch(2), Stop);
        var listed = await store.ListAsync(Stop);

        Assert.Equal([new Sequence(1)], listed.Select(manifest => manifest.Sequence));
        Assert.Equal(before, Directory.GetFileSystemEntries(folder).Order());
    }

    [Fact]
    public async Task A_copy_under_another_snapshots_name_is_listed_by_its_name_and_cannot_be_used()
    {
        var store = new FileSnapshotStore(new LocalFileSystem(_folder.FullName));
        var own = Manifest(5, new Epoch(1));
        await store.WriteAsync(own, Chunks([1]), Stop);
        File.Copy(
            Path.Combine(_folder.FullName, FileSnapshotStore.PathOf(own)),
            Path.Combine(_folder.FullName, FileSnapshotStore.PathOf(Manifest(4, new Epoch(1)))));

        var listed = await store.ListAsync(Stop);
        await store.DeleteAsync(new Epoch(1), listed[1], Stop);

        Assert.Equal([(5UL, 1), (4UL, 0)], listed.Select(found => (found.Sequence.Value, found.FormatVersion)));
        Assert.Equal([own], await store.ListAsync(Stop));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    protected override Task<(IWorldLease Lease, ISnapshotStore Snapshots)> CreateWorldAsync() =>
        Task.FromResult<(IWorldLease, ISnapshotStore)>(
            (new InMemoryStores(new FakeTimeProvider()), new FileSnapshotStore(new LocalFileSystem(_folder.FullName))));
}
