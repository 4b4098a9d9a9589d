using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using static Aether.Persistence.Stores.Tests.Servers.CommitBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>How an append changes the table of critical keys.</summary>
public sealed class CriticalAppendTests(ServerSet servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blocks_change_the_table_with_the_journal()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold", "item");

        await journal.AppendAsync(epoch, [Of(1, [Put("gold", "a", "1"), Put("chat", "a", "hello")])], Cancellation);
        var first = await ReadAsync(world);
        await journal.AppendAsync(
            epoch,
            [
                Of(2, [Put("gold", "a", "2")], [Put("item", "x", "sword"), Put("gold", "b", "9")]),
                Of(4, [Put("gold", "a", "3")], [Delete("gold", "b"), Delete("item", "never")]),
            ],
            Cancellation);

        Assert.Equal(new CriticalTable(1, 1, "gold item", "gold/a@1=1"), first);
        Assert.Equal(new CriticalTable(5, 5, "gold item", "gold/a@4=3 item/x@3=sword"), await ReadAsync(world));
    }

    [Fact]
    public async Task Of_many_changes_of_one_key_in_one_append_the_last_counts()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold");
        await journal.AppendAsync(epoch, [Of(1, [Put("gold", "a", "1"), Put("gold", "b", "1")])], Cancellation);

        await journal.AppendAsync(
            epoch,
            [
                Of(2, [Delete("gold", "a")], [Put("gold", "a", "again")], [Put("gold", "b", "2"), Delete("gold", "b")]),
                Of(5, [Delete("gold", "c"), Put("gold", "c", "1")], [Put("gold", "c", "2")], [Put("gold", "d", "")]),
            ],
            Cancellation);

        Assert.Equal(
            new CriticalTable(7, 7, "gold", "gold/a@3=again gold/c@6=2 gold/d@7="), await ReadAsync(world));
    }

    [Fact]
    public async Task An_append_without_a_critical_key_changes_only_the_position_of_the_table()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold");
        await journal.AppendAsync(epoch, [Of(1, [Put("gold", "a", "1")])], Cancellation);

        await journal.AppendAsync(epoch, [Of(2, [Put("chat", "a", "x")])], Cancellation);
        await journal.AppendAsync(
            epoch, [Of(3, [Put("chat", "a", "y")]), Of(4, [Delete("chat", "a")])], Cancellation);

        Assert.Equal(new CriticalTable(4, 4, "gold", "gold/a@1=1"), await ReadAsync(world));
    }

    [Fact]
    public async Task A_fenced_append_projects_nothing()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold");
        await journal.AppendAsync(epoch, [Of(1, [Put("gold", "a", "1")])], Cancellation);
        await PostgresWorlds.ExpireLeaseAsync(servers, world.Options.Schema);
        await AcquireAsync(world);

        await Assert.ThrowsAsync<FencedException>(
            () => journal.AppendAsync(epoch, [Of(2, [Put("gold", "a", "2"), Put("gold", "b", "2")])], Cancellation));

        Assert.Equal(new CriticalTable(1, 1, "gold", "gold/a@1=1"), await ReadAsync(world));
    }

    [Fact]
    public async Task An_append_that_leaves_a_gap_projects_nothing()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold");

        await Assert.ThrowsAsync<JournalGapException>(
            () => journal.AppendAsync(epoch, [Of(2, [Put("gold", "a", "2")])], Cancellation));

        Assert.Equal(new CriticalTable(0, 0, "gold", ""), await ReadAsync(world));
    }

    [Fact]
    public async Task A_repeated_append_projects_only_what_was_not_stored_before()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold");
        var first = Of(1, [Put("gold", "a", "1"), Put("gold", "b", "1")]);
        var second = Of(2, [Put("gold", "a", "2")], [Delete("gold", "b")]);
        var third = Of(4, [Put("gold", "b", "4")]);
        await journal.AppendAsync(epoch, [first, second], Cancellation);
        var before = await ReadAsync(world);

        await journal.AppendAsync(epoch, [first], Cancellation);
        await journal.AppendAsync(epoch, [first, second], Cancellation);
        var repeated = await ReadAsync(world);
        await journal.AppendAsync(epoch, [first, second, third], Cancellation);

        Assert.Equal(before, repeated);
        Assert.Equal(new CriticalTable(4, 4, "gold", "gold/a@2=2 gold/b@4=4"), await ReadAsync(world));
    }

    [Fact]
    public async Task No_key_that_the_engine_accepts_is_refused_or_collides_with_another()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold");
        string[] ids =
        [
            "a\0b", "a\\0b", "a\\\\0b", "\0", "\\", "\uFFFF\U0010FFFF", "ключ", "É", "E\u0301", "é", " ",
            new('\\', 512), new('\0', 512),
        ];

        await journal.AppendAsync(epoch, [Of(1, [.. ids.Select(id => Put("gold", id, "1"))])], Cancellation);
        var rows = await servers.QueryAsync<string[]>(
            $"SELECT array_agg(id ORDER BY id) FROM {world.Tables.CriticalState}");
        await journal.AppendAsync(epoch, [Of(2, [.. ids.Select(id => Delete("gold", id))])], Cancellation);

        Assert.Equal(ids.Length, rows.Length);
        Assert.Contains(@"a\0b", rows);
        Assert.Contains(@"a\\0b", rows);
        Assert.Contains("ключ", rows);
        Assert.Equal(new CriticalTable(2, 2, "gold", ""), await ReadAsync(world));
    }

    [Fact]
    public async Task A_large_append_is_read_back_complete()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, "gold");
        var commits = Enumerable.Range(0, 3000).Select(i => new[]
        {
            Put("gold", $"{i % 1000}", $"{i}"), Put("chat", $"{i}", "x"), Delete("gold", $"{(i + 500) % 1000}"),
        });

        await journal.AppendAsync(epoch, [Of(1, [.. commits])], Cancellation);

        Assert.Equal(
            "2500 2999 500",
            await servers.QueryAsync<string>($"""
                SELECT format('%s %s %s', min(convert_from(value, 'UTF8')::int),
                              max(convert_from(value, 'UTF8')::int), count(*))
                FROM {world.Tables.CriticalState} WHERE version = convert_from(value, 'UTF8')::int + 1
                """));
    }

    [Fact]
    public async Task A_world_without_critical_kinds_does_not_touch_the_table()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world);

        await journal.AppendAsync(epoch, [Of(1, [Put("gold", "a", "1")])], Cancellation);

        Assert.Equal(new CriticalTable(0, 1, "", ""), await ReadAsync(world));
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }

    private static async Task<(PostgresJournal Journal, Epoch Epoch)> OpenAsync(
        PostgresWorld world, params string[] kinds)
    {
        var epoch = await AcquireAsync(world);
        var journal = CriticalTable.Journal(world, kinds);
        await journal.ProjectAsync(epoch, Sequence.None, [], Cancellation);
        return (journal, epoch);
    }

    private Task<CriticalTable> ReadAsync(PostgresWorld world) => CriticalTable.ReadAsync(servers.Admin, world);
}
