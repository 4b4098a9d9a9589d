using Aether.Persistence.Snapshots;
using Aether.Persistence.Stores.Redis;
using Aether.Persistence.Stores.Tests.Servers;
using StackExchange.Redis;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Redis;

public sealed class RedisSnapshotStoreTests(ServerSet servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_announced_epoch_fences_former_writers_before_it_has_written()
    {
        await using var world = await OpenAsync();
        var store = new RedisSnapshotStore(world);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([1]), Cancellation);

        await store.OpenAsync(new Epoch(2), Cancellation);
        var write = await Assert.ThrowsAsync<FencedException>(
            () => store.WriteAsync(Manifest(2, epoch: 1), Chunks([2]), Cancellation));
        await Assert.ThrowsAsync<FencedException>(() => store.OpenAsync(new Epoch(1), Cancellation));

        Assert.Equal((new Epoch(1), new Epoch(2)), (write.Own, write.Current));
        Assert.Equal([Manifest(1, epoch: 1)], await store.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_snapshot_whose_writer_is_fenced_before_the_manifest_never_becomes_visible()
    {
        await using var world = await OpenAsync();
        var store = new RedisSnapshotStore(world);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var write = store.WriteAsync(Manifest(1, epoch: 1), ChunksAfter(gate.Task, [1], [2]), Cancellation);
        await store.OpenAsync(new Epoch(2), Cancellation);
        gate.SetResult();

        await Assert.ThrowsAsync<FencedException>(() => write);
        Assert.Empty(await store.ListAsync(Cancellation));
    }

    [Fact]
    public async Task Replaced_and_deleted_snapshots_leave_no_keys_behind()
    {
        await using var world = await OpenAsync();
        var store = new RedisSnapshotStore(world);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([1]), Cancellation);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([2]), Cancellation);
        await store.WriteAsync(Manifest(2, epoch: 1), Chunks([3]), Cancellation);

        await store.DeleteAsync(new Epoch(1), Manifest(2, epoch: 1), Cancellation);

        Assert.Equal([[2]], await ReadAsync(store, Manifest(1, epoch: 1)));
        Assert.Equal(1, await CountChunkKeysAsync(world));
    }

    [Fact]
    public async Task A_snapshot_whose_chunks_are_gone_is_damaged_and_one_deleted_while_it_is_read_is_not()
    {
        await using var world = await OpenAsync();
        var store = new RedisSnapshotStore(world);
        await store.WriteAsync(Manifest(1, epoch: 1), Chunks([1], [2]), Cancellation);
        await store.WriteAsync(Manifest(2, epoch: 1), Chunks([3], [4]), Cancellation);
        await using var reading = store.ReadAsync(Manifest(2, epoch: 1), Cancellation)
            .GetAsyncEnumerator(Cancellation);
        await reading.MoveNextAsync();

        await store.DeleteAsync(new Epoch(1), Manifest(2, epoch: 1), Cancellation);
        await using (var admin = await RedisWorlds.AdminAsync(servers.Redis))
            await admin.GetDatabase().KeyDeleteAsync([.. ChunkKeys(admin, world)]);

        await Assert.ThrowsAsync<SnapshotDamagedException>(() => ReadAsync(store, Manifest(1, epoch: 1)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => reading.MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task A_large_snapshot_is_read_back_in_order()
    {
        await using var world = await OpenAsync();
        var store = new RedisSnapshotStore(world);
        var chunks = Enumerable.Range(0, 40).Select(i => Enumerable.Repeat((byte)i, 256 * 1024).ToArray()).ToArray();

        await store.WriteAsync(Manifest(1, epoch: 1), Chunks(chunks), Cancellation);

        Assert.Equal(chunks, await ReadAsync(store, Manifest(1, epoch: 1)));
    }

    [Fact]
    public async Task A_world_can_write_only_under_its_prefix()
    {
        var own = await RedisWorlds.CreateAsync(servers.Redis, servers.NewName());
        var other = await RedisWorlds.CreateAsync(servers.Redis, servers.NewName());
        await using var intruder = new RedisWorld(own with { KeyPrefix = other.KeyPrefix }, TimeProvider.System);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => new RedisSnapshotStore(intruder).WriteAsync(Manifest(1, epoch: 1), Chunks([1]), Cancellation));

        Assert.Contains("NOPERM", exception.Message, StringComparison.Ordinal);
    }

    private async Task<RedisWorld> OpenAsync() =>
        new(await RedisWorlds.CreateAsync(servers.Redis, servers.NewName()), TimeProvider.System);

    private async Task<int> CountChunkKeysAsync(RedisWorld world)
    {
        await using var admin = await RedisWorlds.AdminAsync(servers.Redis);
        return ChunkKeys(admin, world).Count();
    }

    private static IEnumerable<RedisKey> ChunkKeys(ConnectionMultiplexer admin, RedisWorld world)
    {
        var prefix = world.Keys.Epoch.ToString()[..^"epoch".Length];
        return admin.GetServers()[0].Keys(pattern: "*").Where(
            key => key.ToString().StartsWith(prefix + "snapshot:", StringComparison.Ordinal));
    }
}
