using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using static Aether.Persistence.Conformance.TestBlocks;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Postgres;

public sealed class TakeoverTests(ServerSet servers)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_writer_sees_every_acknowledged_block_of_the_former_writer_and_none_is_stored_afterwards()
    {
        for (var round = 0; round < 10; round++)
        {
            await using var former = await OpenAsync();
            await using var current = new PostgresWorld(former.Options);
            var epoch = (await AcquireAsync(former, "former")).Epoch;
            var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            var appending = AppendUntilFencedAsync(former, epoch, underWay);
            await underWay.Task;
            await PostgresWorlds.ExpireLeaseAsync(servers, former.Options.Schema);
            var taken = await AcquireAsync(current, "current");
            var seen = (await new PostgresJournal(current).ReadHeadAsync(Cancellation)).Last;
            var acknowledged = await appending;

            Assert.True(taken.Acquired);
            Assert.Equal(seen, acknowledged);
            Assert.Equal(seen, (await new PostgresJournal(current).ReadHeadAsync(Cancellation)).Last);
        }
    }

    [Fact]
    public async Task Exactly_one_of_many_openers_gets_an_expired_lease()
    {
        await using var world = await OpenAsync();
        await AcquireAsync(world, "former");
        await PostgresWorlds.ExpireLeaseAsync(servers, world.Options.Schema);
        var openers = Enumerable.Range(0, 8).Select(_ => new PostgresWorld(world.Options)).ToList();

        var attempts = await Task.WhenAll(openers.Select((opener, i) => AcquireAsync(opener, $"opener-{i}")));

        var winner = Assert.Single(attempts, attempt => attempt.Acquired);
        Assert.All(attempts, attempt => Assert.Equal(winner.Holder, attempt.Holder));
        Assert.All(attempts, attempt => Assert.Equal(new Epoch(2), attempt.Epoch));
        foreach (var opener in openers)
            await opener.DisposeAsync();
    }

    [Fact]
    public async Task Request_for_a_lease_during_its_release_is_always_answered()
    {
        await using var world = await OpenAsync();
        var lease = new PostgresWorldLease(world);

        await Parallel.ForAsync(0, 2_000, Cancellation, async (i, cancellation) =>
        {
            var attempt = await AcquireAsync(world, $"opener-{i}");
            if (attempt.Acquired)
                await lease.ReleaseAsync(attempt.Epoch, cancellation);
        });
    }

    [Fact]
    public async Task Snapshot_that_a_new_writer_interrupts_never_becomes_visible()
    {
        await using var world = await OpenAsync();
        var epoch = (await AcquireAsync(world, "former")).Epoch;
        var store = new PostgresSnapshotStore(world);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var write = store.WriteAsync(Manifest(1, epoch.Value), ChunksAfter(gate.Task, [1], [2]), Cancellation);
        await PostgresWorlds.ExpireLeaseAsync(servers, world.Options.Schema);
        await AcquireAsync(world, "current");
        gate.SetResult();
        var fenced = await Assert.ThrowsAsync<FencedException>(() => write);

        Assert.Equal("current", fenced.Holder);
        Assert.Empty(await store.ListAsync(Cancellation));
        Assert.Equal(0, await servers.QueryAsync<long>($"SELECT count(*) FROM {world.Tables.SnapshotChunks}"));
    }

    [Fact]
    public async Task A_snapshot_in_progress_delays_no_append()
    {
        await using var world = await OpenAsync();
        var epoch = (await AcquireAsync(world, "writer")).Epoch;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var write = new PostgresSnapshotStore(world).WriteAsync(
            Manifest(1, epoch.Value), ChunksAfter(gate.Task, [1]), Cancellation);
        await new PostgresJournal(world).AppendAsync(epoch, [Block(1, 1)], Cancellation);
        var isWriting = !write.IsCompleted;
        gate.SetResult();
        await write;

        Assert.True(isWriting);
    }

    [Fact]
    public async Task Deleting_a_snapshot_delays_neither_appends_nor_the_lease()
    {
        await using var world = await OpenAsync();
        var epoch = (await AcquireAsync(world, "writer")).Epoch;
        var store = new PostgresSnapshotStore(world);
        await store.WriteAsync(Manifest(1, epoch.Value), Chunks([1]), Cancellation);

        await using var blocking = await servers.Admin.OpenConnectionAsync(Cancellation);
        await using var transaction = await blocking.BeginTransactionAsync(Cancellation);
        await using (var hold = blocking.CreateCommand())
        {
            hold.CommandText = $"SELECT FROM {world.Tables.SnapshotChunks} FOR UPDATE";
            await hold.ExecuteNonQueryAsync(Cancellation);
        }

        var deleting = store.DeleteAsync(epoch, Manifest(1, epoch.Value), Cancellation);
        while (await servers.QueryAsync<long>(
            $"SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0 "
            + $"AND usename = '{world.Options.Username}'") == 0)
            Cancellation.ThrowIfCancellationRequested();
        await new PostgresJournal(world).AppendAsync(epoch, [Block(1, 1)], Cancellation);
        await new PostgresWorldLease(world).RenewAsync(epoch, TimeToLive, Cancellation);
        await transaction.RollbackAsync(Cancellation);
        await deleting;

        Assert.Empty(await store.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_repeated_append_that_is_longer_or_shorter_adds_only_missing_blocks()
    {
        await using var world = await OpenAsync();
        var epoch = (await AcquireAsync(world, "writer")).Epoch;
        var journal = new PostgresJournal(world);
        await journal.AppendAsync(epoch, [Block(1, 3), Block(4, 6)], Cancellation);

        await journal.AppendAsync(epoch, [Block(1, 3)], Cancellation);
        await journal.AppendAsync(epoch, [Block(1, 3), Block(4, 6), Block(7, 9)], Cancellation);

        AssertSame(
            [Block(1, 3), Block(4, 6), Block(7, 9)],
            await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task An_append_with_other_content_at_the_same_sequence_is_refused()
    {
        await using var world = await OpenAsync();
        var epoch = (await AcquireAsync(world, "writer")).Epoch;
        var journal = new PostgresJournal(world);
        await journal.AppendAsync(epoch, [Block(1, 3)], Cancellation);

        await Assert.ThrowsAsync<Journal.JournalGapException>(() => journal.AppendAsync(
            epoch, [Block(1, 3) with { Digest = new State.StateDigest(4711) }, Block(4, 4)], Cancellation));

        Assert.Equal(new Sequence(3), (await journal.ReadHeadAsync(Cancellation)).Last);
    }

    private static Task<LeaseAttempt> AcquireAsync(PostgresWorld world, string holder) =>
        new PostgresWorldLease(world).TryAcquireAsync(
            new LeaseRequest(holder, Guid.NewGuid(), TimeToLive), Cancellation);

    private static async Task<Sequence> AppendUntilFencedAsync(
        PostgresWorld world, Epoch epoch, TaskCompletionSource underWay)
    {
        var journal = new PostgresJournal(world);
        var acknowledged = Sequence.None;
        while (true)
        {
            try
            {
                var next = acknowledged.Next;
                await journal.AppendAsync(epoch, [Block(next.Value, next.Value)], Cancellation);
                acknowledged = next;
                underWay.TrySetResult();
            }
            catch (FencedException)
            {
                return acknowledged;
            }
        }
    }

    private async Task<PostgresWorld> OpenAsync() => await PostgresWorlds.OpenAsync(servers);
}
