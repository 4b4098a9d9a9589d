using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Npgsql;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>The partitions of the journal: created as it grows, and dropped whole.</summary>
public sealed class JournalPartitionTests(ServerSet servers)
{
    private const ulong Size = 131_072;

    // Upper bound, on any machine, for an append or a retention beside a reader that never ends.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    // An agent with the same volume need not wait for the lease.
    private static readonly Guid VolumeId = Guid.NewGuid();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_world_without_appends_has_one_partition()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);

        Assert.Equal("journal_blocks_0", await PartitionsAsync(world));
    }

    [Fact]
    public async Task Appends_create_the_partitions_of_their_blocks()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        Wal.LogBlock[] blocks =
        [
            Block(1, Size - 1), Block(Size, Size), Block(Size + 1, (2 * Size) + 5), Block((2 * Size) + 6, 5 * Size),
        ];

        await journal.AppendAsync(epoch, blocks[..1], Cancellation);
        var first = await PartitionsAsync(world);
        await journal.AppendAsync(epoch, blocks[1..2], Cancellation);
        var second = await PartitionsAsync(world);
        await journal.AppendAsync(epoch, blocks[2..], Cancellation);

        Assert.Equal("journal_blocks_0", first);
        Assert.Equal("journal_blocks_0 journal_blocks_131072", second);
        Assert.Equal(
            "journal_blocks_0 journal_blocks_131072 journal_blocks_262144 journal_blocks_393216 journal_blocks_524288 "
            + "journal_blocks_655360",
            await PartitionsAsync(world));
        AssertSame(blocks, await ReadAsync(journal));
    }

    [Fact]
    public async Task A_partition_that_a_failover_lost_is_recreated()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await Assert.ThrowsAsync<Journal.JournalGapException>(
            () => journal.AppendAsync(epoch, [Block(2, Size + 1)], Cancellation));
        await servers.ExecuteAsync($"DROP TABLE {ServerSet.Quote(world.Options.Schema)}.journal_blocks_131072");

        await journal.AppendAsync(epoch, [Block(1, Size + 1)], Cancellation);

        AssertSame([Block(1, Size + 1)], await ReadAsync(journal));
    }

    [Fact]
    public async Task Next_writer_continues_in_the_existing_partitions()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(epoch, [Block(1, Size + 9)], Cancellation);
        await using var other = new PostgresWorld(world.Options);
        var successor = new PostgresJournal(other);

        await successor.AppendAsync(await AcquireAsync(other), [Block(Size + 10, 2 * Size)], Cancellation);

        Assert.Equal(
            "journal_blocks_0 journal_blocks_131072 journal_blocks_262144", await PartitionsAsync(world));
    }

    [Fact]
    public async Task An_append_that_is_refused_leaves_no_gap_between_partitions()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(epoch, [Block(1, 5)], Cancellation);

        await Assert.ThrowsAsync<Journal.JournalGapException>(
            () => journal.AppendAsync(epoch, [Block(900 * Size, 900 * Size)], Cancellation));
        await new PostgresJournal(world).AppendAsync(
            epoch, [Block(6, Size), Block(Size + 1, 70 * Size), Block((70 * Size) + 1, 71 * Size)], Cancellation);

        Assert.Equal(4, (await ReadAsync(journal)).Count);
    }

    [Theory]
    [InlineData(Size - 2, 0)]
    [InlineData(Size - 1, 1)]
    [InlineData((2 * Size) - 2, 1)]
    [InlineData(3 * Size, 3)]
    [InlineData(4_294_967_295UL, 4)]
    public async Task Retention_drops_partitions_that_hold_nothing_needed(ulong through, int dropped)
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        Wal.LogBlock[] blocks = [.. Enumerable.Range(0, 4).Select(i => Block(((ulong)i * Size) + 1, InPartition(i)))];
        await journal.AppendAsync(epoch, Dense(blocks), Cancellation);

        await journal.TruncateThroughAsync(epoch, new Sequence(through), Cancellation);
        var partitions = (await PartitionsAsync(world)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var left = await ReadAsync(journal);
        var head = await journal.ReadHeadAsync(Cancellation);
        await journal.AppendAsync(epoch, [Block(InPartition(3) + 1, 5 * Size)], Cancellation);

        Assert.Equal(4 - dropped, partitions.Length);
        Assert.Equal(4 - dropped, left.Count);
        Assert.Equal(new Sequence(InPartition(3)), head.Last);
        Assert.Equal(5 - dropped, (await ReadAsync(journal)).Count);
    }

    [Fact]
    public async Task Single_retention_drops_many_partitions()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(epoch, [Block(1, 40 * Size)], Cancellation);

        await journal.TruncateThroughAsync(epoch, new Sequence(40 * Size), Cancellation);

        Assert.Equal("journal_blocks_5242880", await PartitionsAsync(world));
        Assert.Single(await ReadAsync(journal));
    }

    [Fact]
    public async Task A_writer_of_a_former_epoch_drops_nothing()
    {
        var (world, journal, former) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(former, [Block(1, 5), Block(6, 3 * Size)], Cancellation);
        var before = await PartitionsAsync(world);
        await AcquireAsync(world);

        await Assert.ThrowsAsync<FencedException>(
            () => journal.TruncateThroughAsync(former, new Sequence(3 * Size), Cancellation));

        Assert.Equal(before, await PartitionsAsync(world));
    }

    [Fact]
    public async Task A_long_reader_delays_no_append_and_its_partitions_are_dropped_later()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(epoch, [Block(1, Size), Block(Size + 1, 2 * Size)], Cancellation);
        var before = await PartitionsAsync(world);
        await using (var reader = await servers.Admin.OpenConnectionAsync(Cancellation))
        await using (var transaction = await reader.BeginTransactionAsync(Cancellation))
        {
            await using var read = new NpgsqlCommand($"SELECT count(*) FROM {world.Tables.JournalBlocks}", reader);
            await read.ExecuteScalarAsync(Cancellation);

            var truncating = journal.TruncateThroughAsync(epoch, new Sequence(2 * Size), Cancellation);
            await journal.AppendAsync(epoch, [Block((2 * Size) + 1, 3 * Size)], Cancellation)
                .WaitAsync(Bound, Cancellation);
            await truncating.WaitAsync(Bound, Cancellation);
            await journal.AppendAsync(epoch, [Block((3 * Size) + 1, 4 * Size)], Cancellation)
                .WaitAsync(Bound, Cancellation);
            Assert.StartsWith(before, await PartitionsAsync(world), StringComparison.Ordinal);
        }

        await journal.TruncateThroughAsync(epoch, new Sequence(4 * Size), Cancellation);

        Assert.Equal("journal_blocks_524288", await PartitionsAsync(world));
    }

    [Fact]
    public async Task Retention_soon_gives_up_when_it_cannot_lock_the_worlds_row()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(epoch, [Block(1, Size), Block(Size + 1, 2 * Size)], Cancellation);
        var before = await PartitionsAsync(world);
        await using (var holder = await servers.Admin.OpenConnectionAsync(Cancellation))
        await using (var transaction = await holder.BeginTransactionAsync(Cancellation))
        {
            await using var hold = new NpgsqlCommand($"SELECT FROM {world.Tables.World} FOR UPDATE", holder);
            await hold.ExecuteScalarAsync(Cancellation);

            await journal.TruncateThroughAsync(epoch, new Sequence(2 * Size), Cancellation)
                .WaitAsync(Bound, Cancellation);
            Assert.Equal(before, await PartitionsAsync(world));
        }

        await journal.TruncateThroughAsync(epoch, new Sequence(2 * Size), Cancellation);
        Assert.Equal("journal_blocks_262144", await PartitionsAsync(world));
    }

    [Fact]
    public async Task Retention_finishes_under_constant_appends()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(epoch, [Block(1, Size), Block(Size + 1, 2 * Size)], Cancellation);
        using var enough = new CancellationTokenSource();

        var appending = Task.Run(() => AppendUntilAsync(journal, epoch, (2 * Size) + 1, enough.Token), Cancellation);
        while ((await PartitionsAsync(world)).StartsWith("journal_blocks_0 ", StringComparison.Ordinal))
            await journal.TruncateThroughAsync(epoch, new Sequence(2 * Size), Cancellation);
        await enough.CancelAsync();
        var last = await appending;

        Assert.Equal(new Sequence(last), (await journal.ReadHeadAsync(Cancellation)).Last);
        Assert.Equal(last - (2 * Size) + 1, (ulong)(await ReadAsync(journal)).Count);
    }

    [Fact]
    public async Task The_worlds_role_reaches_partitions_through_the_journal_only()
    {
        var (world, journal, epoch) = await OpenAsync();
        await using var closing = world;
        await journal.AppendAsync(epoch, [Block(1, 2 * Size)], Cancellation);
        var schema = ServerSet.Quote(world.Options.Schema);
        string[] refused =
        [
            $"SELECT FROM {schema}.journal_blocks_131072", $"DROP TABLE {schema}.journal_blocks_0",
            $"ALTER TABLE {schema}.journal_blocks DETACH PARTITION {schema}.journal_blocks_0",
            $"CREATE TABLE {schema}.mine PARTITION OF {schema}.journal_blocks DEFAULT",
            $"TRUNCATE {schema}.journal_blocks",
        ];

        foreach (var statement in refused)
        {
            var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => ExecuteAsync(world, statement));
            Assert.Contains("42501", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_worlds_role_creates_and_drops_partitions_without_the_operator()
    {
        var (world, _, _) = await OpenAsync();
        await using var closing = world;
        await using var stranger = await PostgresWorlds.OpenAsync(servers);
        await servers.ExecuteAsync(
            $"GRANT USAGE ON SCHEMA {ServerSet.Quote(world.Options.Schema)} TO "
            + ServerSet.Quote(stranger.Options.Username));

        foreach (var call in new[]
        {
            $"SELECT {world.Tables.MakeJournalPartitions}(1)", $"SELECT {world.Tables.DropJournalPartitions}(1, 1)",
        })
        {
            var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => ExecuteAsync(stranger, call));
            Assert.Contains("42501", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static ulong InPartition(int partition) => ((ulong)partition * Size) + 7;

    // Each block begins where the block before it ends.
    private static Wal.LogBlock[] Dense(Wal.LogBlock[] blocks)
    {
        for (var i = 1; i < blocks.Length; i++)
            blocks[i] = blocks[i] with { First = blocks[i - 1].Last.Next };
        return blocks;
    }

    private static async Task<ulong> AppendUntilAsync(
        PostgresJournal journal, Epoch epoch, ulong first, CancellationToken enough)
    {
        var next = first;
        for (; !enough.IsCancellationRequested; next++)
            await journal.AppendAsync(epoch, [Block(next, next)], Cancellation);
        return next - 1;
    }

    private static Task<List<Wal.LogBlock>> ReadAsync(PostgresJournal journal) =>
        CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation));

    private static Task<int> ExecuteAsync(PostgresWorld world, string sql) => world.RunAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteNonQueryAsync(Cancellation);
        },
        Cancellation);

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", VolumeId, TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }

    private async Task<(PostgresWorld World, PostgresJournal Journal, Epoch Epoch)> OpenAsync()
    {
        var world = await PostgresWorlds.OpenAsync(servers);
        return (world, new PostgresJournal(world), await AcquireAsync(world));
    }

    private Task<string> PartitionsAsync(PostgresWorld world) => servers.QueryAsync<string>($"""
        SELECT coalesce(string_agg(c.relname, ' ' ORDER BY length(c.relname), c.relname), '')
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = '{world.Tables.JournalBlocks}'::regclass
        """);
}
