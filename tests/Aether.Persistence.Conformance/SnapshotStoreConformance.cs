using Aether.Persistence.Lease;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using static Aether.Persistence.Conformance.TestWorld;

namespace Aether.Persistence.Conformance;

/// <summary>The contract of <see cref="ISnapshotStore"/>. Inherit it and return new, empty worlds.</summary>
public abstract class SnapshotStoreConformance
{
    /// <summary>The lease and the snapshots of a world that never had a writer.</summary>
    protected abstract Task<(IWorldLease Lease, ISnapshotStore Snapshots)> CreateWorldAsync();

    [Fact]
    public async Task A_new_world_has_no_snapshots()
    {
        var (_, snapshots) = await CreateWorldAsync();

        Assert.Empty(await snapshots.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_snapshot_is_read_back_as_it_was_written()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var manifest = Manifest(7, await OpenAsync(lease));
        byte[][] chunks = [Bytes(1, 1 << 20), Bytes(2, 1), Bytes(3, 777)];

        await snapshots.WriteAsync(manifest, Chunks(chunks), Cancellation);

        Assert.Equal([manifest], await snapshots.ListAsync(Cancellation));
        Assert.Equal(chunks, await CollectAsync(snapshots, manifest));
    }

    [Fact]
    public async Task Snapshots_are_listed_from_the_highest_sequence_down()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease);
        foreach (var sequence in (ulong[])[9, 100, 20])
            await snapshots.WriteAsync(Manifest(sequence, epoch), Chunks(Bytes(1, 10)), Cancellation);

        var listed = await snapshots.ListAsync(Cancellation);

        Assert.Equal([100UL, 20, 9], listed.Select(manifest => manifest.Sequence.Value));
    }

    [Fact]
    public async Task Of_two_epochs_at_one_sequence_the_higher_is_listed_first()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var former = await OpenAsync(lease);
        await snapshots.WriteAsync(Manifest(5, former), Chunks(Bytes(1, 10)), Cancellation);
        var current = await ReopenAsync(lease, former);
        await snapshots.WriteAsync(Manifest(5, current), Chunks(Bytes(2, 10)), Cancellation);

        var listed = await snapshots.ListAsync(Cancellation);

        Assert.Equal([current, former], listed.Select(manifest => manifest.Epoch));
        Assert.Equal([Bytes(1, 10)], await CollectAsync(snapshots, listed[1]));
    }

    [Fact]
    public async Task Writing_a_snapshot_again_replaces_it()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var manifest = Manifest(5, await OpenAsync(lease));
        await snapshots.WriteAsync(manifest, Chunks(Bytes(1, 10), Bytes(2, 10)), Cancellation);

        await snapshots.WriteAsync(manifest, Chunks(Bytes(3, 10)), Cancellation);

        Assert.Single(await snapshots.ListAsync(Cancellation));
        Assert.Equal([Bytes(3, 10)], await CollectAsync(snapshots, manifest));
    }

    [Fact]
    public async Task A_snapshot_whose_chunks_end_early_never_becomes_visible()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var manifest = Manifest(5, await OpenAsync(lease));

        await Assert.ThrowsAsync<TornSourceException>(
            () => snapshots.WriteAsync(manifest, Torn(Bytes(1, 1 << 20), Bytes(2, 10)), Cancellation));

        Assert.Empty(await snapshots.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_replacement_that_fails_leaves_the_snapshot_it_would_have_replaced()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var manifest = Manifest(5, await OpenAsync(lease));
        await snapshots.WriteAsync(manifest, Chunks(Bytes(1, 10)), Cancellation);

        await Assert.ThrowsAsync<TornSourceException>(
            () => snapshots.WriteAsync(manifest, Torn(Bytes(2, 10)), Cancellation));

        Assert.Equal([Bytes(1, 10)], await CollectAsync(snapshots, manifest));
    }

    [Fact]
    public async Task Deleting_a_snapshot_leaves_its_neighbours()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var epoch = await OpenAsync(lease);
        await snapshots.WriteAsync(Manifest(5, epoch), Chunks(Bytes(1, 10)), Cancellation);
        await snapshots.WriteAsync(Manifest(6, epoch), Chunks(Bytes(2, 10)), Cancellation);

        await snapshots.DeleteAsync(epoch, Manifest(5, epoch), Cancellation);
        await snapshots.DeleteAsync(epoch, Manifest(5, epoch), Cancellation);

        Assert.Equal([Manifest(6, epoch)], await snapshots.ListAsync(Cancellation));
        Assert.Equal([Bytes(2, 10)], await CollectAsync(snapshots, Manifest(6, epoch)));
    }

    [Fact]
    public async Task A_writer_of_a_former_epoch_can_neither_write_nor_delete()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var former = await OpenAsync(lease);
        await snapshots.WriteAsync(Manifest(5, former), Chunks(Bytes(1, 10)), Cancellation);
        var current = await ReopenAsync(lease, former);
        await snapshots.WriteAsync(Manifest(6, current), Chunks(Bytes(2, 10)), Cancellation);

        var write = await Assert.ThrowsAsync<FencedException>(
            () => snapshots.WriteAsync(Manifest(7, former), Chunks(Bytes(3, 10)), Cancellation));
        await Assert.ThrowsAsync<FencedException>(
            () => snapshots.DeleteAsync(former, Manifest(5, former), Cancellation));

        Assert.Equal((former, current), (write.Own, write.Current));
        Assert.Equal([Manifest(6, current), Manifest(5, former)], await snapshots.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_new_writer_may_delete_snapshots_of_a_former_epoch()
    {
        var (lease, snapshots) = await CreateWorldAsync();
        var former = await OpenAsync(lease);
        await snapshots.WriteAsync(Manifest(5, former), Chunks(Bytes(1, 10)), Cancellation);
        var current = await ReopenAsync(lease, former);

        await snapshots.DeleteAsync(current, Manifest(5, former), Cancellation);

        Assert.Empty(await snapshots.ListAsync(Cancellation));
    }

    protected static SnapshotManifest Manifest(ulong sequence, Epoch epoch) => new()
    {
        Sequence = new Sequence(sequence),
        Epoch = epoch,
        CapturedAt = TestBlocks.WrittenAt.AddSeconds(sequence),
        Digest = new StateDigest(UInt128.MaxValue - sequence),
        Keys = sequence * 3,
        FormatVersion = 1,
    };

    private static byte[] Bytes(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    protected static async IAsyncEnumerable<ReadOnlyMemory<byte>> Chunks(params byte[][] chunks)
    {
        foreach (var chunk in chunks)
        {
            await Task.Yield();
            yield return chunk;
        }
    }

    protected static async IAsyncEnumerable<ReadOnlyMemory<byte>> Torn(params byte[][] chunks)
    {
        await foreach (var chunk in Chunks(chunks))
            yield return chunk;
        throw new TornSourceException();
    }

    private static async Task<List<byte[]>> CollectAsync(ISnapshotStore snapshots, SnapshotManifest manifest)
    {
        var chunks = new List<byte[]>();
        await foreach (var chunk in snapshots.ReadAsync(manifest, Cancellation))
            chunks.Add(chunk.ToArray());
        return chunks;
    }

    private sealed class TornSourceException() : Exception("The source of the chunks failed.");
}
