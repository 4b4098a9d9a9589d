using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

public sealed class CompressedBlockTests(ServerSet servers)
{
    private const int Size = 200_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_block_is_stored_compressed_only_if_that_is_smaller()
    {
        await using var world = await AppendAsync(Repetitive(1, Size), Block(2, 2, size: Size));

        var stored = await servers.QueryAsync<string>($"""
            SELECT string_agg(format('%s %s', pg_column_size(block) < {Size / 8}, brotli_size), ', '
                              ORDER BY first_sequence)
            FROM {world.Tables.JournalBlocks}
            """);

        Assert.Equal($"t {Size}, f ", stored);
    }

    [Fact]
    public async Task A_block_of_an_agent_that_did_not_compress_is_read()
    {
        await using var world = await AppendAsync(Block(1, 1));
        var block = Repetitive(2, Size);
        await servers.ExecuteAsync($"""
            INSERT INTO {world.Tables.JournalBlocks}
              (first_sequence, last_sequence, epoch, written_at, state_digest, block)
            SELECT 2, 2, epoch, '{block.WrittenAt:O}', decode('{Convert.ToHexString(block.Digest.ToBytea())}', 'hex'),
                   decode('{Convert.ToHexString(block.Encoded.Span)}', 'hex')
            FROM {world.Tables.JournalBlocks}
            """);

        AssertSame([block], await ReadAfterAsync(world, 1));
    }

    [Theory]
    [InlineData("block = substr(block, 2)")]
    [InlineData("block = block || '\\x00'")]
    [InlineData("block = ''")]
    [InlineData("brotli_size = brotli_size + 1")]
    [InlineData("brotli_size = 0")]
    public async Task A_compressed_block_that_is_damaged_is_named(string damage)
    {
        await using var world = await AppendAsync(Repetitive(1, Size));
        await servers.ExecuteAsync($"UPDATE {world.Tables.JournalBlocks} SET {damage}");

        var exception = await Assert.ThrowsAsync<RecoveryException>(() => ReadAfterAsync(world, 0));

        Assert.Contains(
            "The block in the journal that begins with commit 1 ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_journal_holds_no_block_larger_than_an_agent_would_read()
    {
        await using var world = await AppendAsync(Repetitive(1, Size));

        var exception = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => servers.ExecuteAsync(
            $"UPDATE {world.Tables.JournalBlocks} SET brotli_size = {Journal.JournalLimits.MaxBlockBytes + 1}"));

        Assert.Equal("journal_blocks_size", exception.ConstraintName);
    }

    [Fact]
    public async Task Down_migration_is_refused_while_compressed_blocks_exist()
    {
        await using var world = await AppendAsync(Repetitive(1, Size));
        var (schema, before) = (world.Options.Schema, 202611220003);

        await Assert.ThrowsAnyAsync<Exception>(() => servers.Migrator.MigrateDownAsync(schema, before, Cancellation));
        await servers.ExecuteAsync($"DELETE FROM {world.Tables.JournalBlocks}");
        await servers.Migrator.MigrateDownAsync(schema, before, Cancellation);

        Assert.Contains(202611220004, await servers.Migrator.PendingAsync(schema, Cancellation));
    }

    private static Task<List<Wal.LogBlock>> ReadAfterAsync(PostgresWorld world, ulong after) =>
        CollectAsync(new PostgresJournal(world).ReadAfterAsync(new Sequence(after), Cancellation));

    private async Task<PostgresWorld> AppendAsync(params Wal.LogBlock[] blocks)
    {
        var world = await PostgresWorlds.OpenAsync(servers);
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        var epoch = (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
        await new PostgresJournal(world).AppendAsync(epoch, blocks, Cancellation);
        return world;
    }
}
