using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.Migrations;

/// <summary>Migrates a journal without partitions, and back.</summary>
public sealed class JournalPartitionMigrationTests(ServerSet servers)
{
    private const long Before = 202611230001;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3, "FROM ('0') TO ('131072')")]
    [InlineData(131_071, "FROM ('0') TO ('131072')")]
    [InlineData(131_072, "FROM ('0') TO ('262144')")]
    [InlineData(1_000_000, "FROM ('0') TO ('1048576')")]
    public async Task A_journal_from_before_partitions_keeps_its_rows_and_accepts_appends(ulong end, string bounds)
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        var schema = ServerSet.Quote(options.Schema);
        await using var world = new PostgresWorld(options);
        Wal.LogBlock[] blocks = [Block(1, 2), Block(3, end)];
        var epoch = await AcquireAsync(world);
        await new PostgresJournal(world).AppendAsync(epoch, blocks, Cancellation);
        await servers.Migrator.MigrateDownAsync(options.Schema, Before, Cancellation);
        var table = await servers.QueryAsync<long>($"SELECT '{schema}.journal_blocks'::regclass::oid::bigint");

        await servers.Migrator.MigrateUpAsync(options.Schema, Cancellation);
        await GrantAsync(options);
        var journal = new PostgresJournal(world);
        await journal.AppendAsync(epoch, [Block(end + 1, end + 300_000)], Cancellation);

        Assert.Equal(
            $"FOR VALUES {bounds}",
            await servers.QueryAsync<string>($"""
                SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = {table}
                """));
        AssertSame(
            [.. blocks, Block(end + 1, end + 300_000)],
            await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task A_journal_with_constraints_instead_of_indexes_is_migrated_too()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        var schema = ServerSet.Quote(options.Schema);
        await servers.Migrator.MigrateDownAsync(options.Schema, 202611220004, Cancellation);
        await servers.ExecuteAsync($"""
            ALTER TABLE {schema}.journal_blocks DROP CONSTRAINT IF EXISTS journal_blocks_last_sequence_key;
            DROP INDEX IF EXISTS {schema}.journal_blocks_last_sequence_key;
            ALTER TABLE {schema}.journal_blocks ADD CONSTRAINT journal_blocks_last_sequence_key UNIQUE (last_sequence);
            """);

        await servers.Migrator.MigrateUpAsync(options.Schema, Cancellation);

        Assert.Empty(await servers.Migrator.PendingAsync(options.Schema, Cancellation));
    }

    [Fact]
    public async Task Down_migration_of_partitions_keeps_all_rows()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var world = new PostgresWorld(options);
        Wal.LogBlock[] blocks = [Block(1, 2), Block(3, 200_000), Block(200_001, 500_000)];
        await new PostgresJournal(world).AppendAsync(await AcquireAsync(world), blocks, Cancellation);

        await servers.Migrator.MigrateDownAsync(options.Schema, Before, Cancellation);
        await GrantAsync(options);

        AssertSame(
            blocks, await CollectAsync(new PostgresJournal(world).ReadAfterAsync(Sequence.None, Cancellation)));
        Assert.Equal(0, await servers.QueryAsync<long>($"""
            SELECT count(*) FROM pg_class
            WHERE relnamespace = '{ServerSet.Quote(options.Schema)}'::regnamespace AND (relispartition OR relkind = 'p')
            """));
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }

    // As the operator does after a migration.
    private Task GrantAsync(PostgresConnectionOptions options) => servers.ExecuteAsync($"""
        GRANT SELECT, INSERT, UPDATE, DELETE ON {ServerSet.Quote(options.Schema)}.journal_blocks
          TO {ServerSet.Quote(options.Username)};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {ServerSet.Quote(options.Schema)}
          TO {ServerSet.Quote(options.Username)};
        """);
}
