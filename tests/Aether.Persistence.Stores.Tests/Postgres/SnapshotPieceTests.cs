using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Postgres;

[Trait("Field", "F21")]
public sealed class SnapshotPieceTests(ServerSet servers)
{
    private const int Chunk = 8 << 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_of_1100_chunks_is_stored_although_it_takes_longer_than_a_server_may_be_silent()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var world = new PostgresWorld(options with { CommandTimeout = TimeSpan.FromSeconds(1) });
        var store = new PostgresSnapshotStore(world);
        var manifest = Manifest(1, (await AcquireAsync(world, "writer")).Value);
        await SlowDownAsync(options.Schema);

        await Outages.OutlastAsync(
            cancellation => store.WriteAsync(manifest, Numbered(1100), cancellation), Cancellation);

        await using var reader = new PostgresWorld(options);
        AssertNumbered(1100, await ReadAsync(new PostgresSnapshotStore(reader), manifest));
    }

    [Fact]
    public async Task An_interrupted_attempt_is_not_a_snapshot_and_the_next_attempt_resumes_it()
    {
        await using var proxy = new CuttingProxy(servers.Postgres.Port);
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var world = new PostgresWorld(options with { Port = proxy.Port });
        var store = new PostgresSnapshotStore(world);
        var manifest = Manifest(1, (await AcquireAsync(world, "writer")).Value);

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.WriteAsync(manifest, Numbered(100, at: 40, proxy.Cut), Cancellation));
        proxy.Mend();
        var listed = await store.ListAsync(Cancellation);
        var before = await RowsAsync(options.Schema);
        await store.WriteAsync(manifest, Numbered(100), Cancellation);
        var after = await RowsAsync(options.Schema);

        Assert.Empty(listed);
        Assert.NotEmpty(before);
        Assert.Equal(before, after[..before.Length]);
        Assert.Equal([manifest], await store.ListAsync(Cancellation));
        AssertNumbered(100, await ReadAsync(store, manifest));
    }

    [Fact]
    public async Task Unfinished_snapshot_of_a_former_writer_is_removed_and_not_continued()
    {
        await using var proxy = new CuttingProxy(servers.Postgres.Port);
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var former = new PostgresWorld(options with { Port = proxy.Port });
        await using var current = new PostgresWorld(options);
        var formerStore = new PostgresSnapshotStore(former);
        var store = new PostgresSnapshotStore(current);
        var left = Manifest(1, (await AcquireAsync(former, "former")).Value);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => formerStore.WriteAsync(left, Numbered(100, at: 40, proxy.Cut), Cancellation));
        proxy.Mend();

        await PostgresWorlds.ExpireLeaseAsync(servers, options.Schema);
        var manifest = Manifest(1, (await AcquireAsync(current, "current")).Value);
        await Assert.ThrowsAsync<FencedException>(() => formerStore.WriteAsync(left, Numbered(100), Cancellation));
        await store.WriteAsync(manifest, Numbered(20), Cancellation);

        Assert.Equal([manifest], await store.ListAsync(Cancellation));
        Assert.Equal(20, (await RowsAsync(options.Schema)).Length);
    }

    [Fact]
    public async Task A_deleted_snapshot_takes_all_of_its_chunks_with_it()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var world = new PostgresWorld(options);
        var store = new PostgresSnapshotStore(world);
        var epoch = await AcquireAsync(world, "writer");
        await store.WriteAsync(Manifest(1, epoch.Value), Numbered(150), Cancellation);
        await store.WriteAsync(Manifest(2, epoch.Value), Numbered(3), Cancellation);

        await store.DeleteAsync(epoch, Manifest(1, epoch.Value), Cancellation);

        Assert.Equal([Manifest(2, epoch.Value)], await store.ListAsync(Cancellation));
        Assert.Equal(3, (await RowsAsync(options.Schema)).Length);
    }

    [Fact]
    public async Task A_snapshot_is_one_transaction_in_a_schema_that_requires_the_manifest_first()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        await servers.Migrator.MigrateDownAsync(options.Schema, 202611230101, Cancellation);
        await using var world = new PostgresWorld(options);
        var store = new PostgresSnapshotStore(world);
        var manifest = Manifest(1, (await AcquireAsync(world, "writer")).Value);

        await store.WriteAsync(manifest, Numbered(40), Cancellation);

        AssertNumbered(40, await ReadAsync(store, manifest));
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Numbered(int count, int at = -1, Action? then = null)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            if (i == at)
                then?.Invoke();
            yield return NumberedChunk(i);
        }
    }

    private static byte[] NumberedChunk(int number)
    {
        var bytes = new byte[Chunk];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    private static void AssertNumbered(int count, List<byte[]> chunks)
    {
        Assert.Equal(count, chunks.Count);
        for (var i = 0; i < count; i++)
            Assert.Equal(NumberedChunk(i), chunks[i]);
    }

    // Makes the server take a few milliseconds for each chunk.
    private Task SlowDownAsync(string schema) => servers.ExecuteAsync(
        $"""
        CREATE FUNCTION {ServerSet.Quote(schema)}.be_slow() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            PERFORM count(*) FROM generate_series(1, 15000);
            RETURN NULL;
          END $$;
        CREATE TRIGGER be_slow AFTER INSERT ON {ServerSet.Quote(schema)}.snapshot_chunks
          FOR EACH ROW EXECUTE FUNCTION {ServerSet.Quote(schema)}.be_slow();
        """);

    // The transaction that wrote each chunk.
    private Task<string[]> RowsAsync(string schema) => servers.QueryAsync<string[]>(
        $"""
        SELECT coalesce(array_agg(ordinal || ' by ' || xmin ORDER BY ordinal), ARRAY[]::text[])
        FROM {ServerSet.Quote(schema)}.snapshot_chunks
        """);

    private static async Task<Epoch> AcquireAsync(PostgresWorld world, string holder)
    {
        var request = new LeaseRequest(holder, Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }
}
