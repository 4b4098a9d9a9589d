using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Npgsql;
using static Aether.Persistence.Stores.Tests.Servers.CommitBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>How the table of critical keys is rebuilt when a world is opened.</summary>
public sealed class CriticalRebuildTests(ServerSet servers)
{
    // An agent with the same volume need not wait for the lease.
    private static readonly Guid VolumeId = Guid.NewGuid();

    private static readonly StateEntry[] State =
    [
        Entry("chat", "a", 1, "hello"), Entry("gold", "a", 1, "1"), Entry("item", "x", 1, "sword"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_of_new_kinds_are_added_of_removed_kinds_deleted_and_of_the_others_not_touched()
    {
        await using var world = await WriteAsync("chat", "gold");
        var untouched = await RowAsync(world, "gold");

        await OpenAsync(world, State, "gold", "item");
        var changed = await ReadAsync(world);
        var row = await RowAsync(world, "gold");
        await OpenAsync(world, State, "chat", "gold", "item");
        var all = await ReadAsync(world);
        await OpenAsync(world, State);

        Assert.Equal(new CriticalTable(1, 1, "gold item", "gold/a@1=1 item/x@1=sword"), changed);
        Assert.Equal(untouched, row);
        Assert.Equal(new CriticalTable(1, 1, "chat gold item", CriticalTable.RowsOf(State)), all);
        Assert.Equal(new CriticalTable(1, 1, "", ""), await ReadAsync(world));
    }

    [Fact]
    public async Task A_correct_table_is_not_written_to_at_the_next_opening()
    {
        await using var world = await WriteAsync("gold");
        var before = await RowAsync(world, "gold");

        var (journal, epoch) = await OpenAsync(world, State, "gold");
        await journal.ProjectAsync(epoch, new Sequence(1), State, Cancellation);

        Assert.Equal(before, await RowAsync(world, "gold"));
    }

    [Fact]
    public async Task Table_is_rebuilt_after_a_writer_that_did_not_maintain_it()
    {
        await using var world = await WriteAsync("gold");
        await new PostgresJournal(world).AppendAsync(
            await AcquireAsync(world), [Of(2, [Delete("gold", "a"), Put("gold", "b", "2")])], Cancellation);
        var behind = await ReadAsync(world);

        await OpenAsync(world, [Entry("gold", "b", 2, "2"), Entry("item", "x", 1, "sword")], "gold");

        Assert.Equal(new CriticalTable(1, 2, "gold", "gold/a@1=1"), behind);
        Assert.Equal(new CriticalTable(2, 2, "gold", "gold/b@2=2"), await ReadAsync(world));
    }

    [Fact]
    public async Task A_journal_opened_without_a_state_leaves_the_table_to_the_next_opening()
    {
        await using var world = await WriteAsync("gold");
        var journal = CriticalTable.Journal(world, "gold");

        await journal.AppendAsync(await AcquireAsync(world), [Of(2, [Put("gold", "b", "2")])], Cancellation);

        Assert.Equal(new CriticalTable(1, 2, "gold", "gold/a@1=1"), await ReadAsync(world));
    }

    [Fact]
    public async Task A_writer_that_is_fenced_during_a_rebuild_changes_nothing()
    {
        await using var world = await WriteAsync("gold");
        var former = await AcquireAsync(world);
        var journal = CriticalTable.Journal(world, "item");

        var fenced = await Assert.ThrowsAsync<FencedException>(() => journal.ProjectAsync(
            former, new Sequence(1), StateAsAnotherOpens(world), Cancellation));

        Assert.Equal(former, fenced.Own);
        Assert.Equal(new CriticalTable(1, 1, "gold", "gold/a@1=1"), await ReadAsync(world));
        await OpenAsync(world, State, "item");
        Assert.Equal(new CriticalTable(1, 1, "item", "item/x@1=sword"), await ReadAsync(world));
    }

    [Fact]
    public async Task A_former_writer_that_froze_during_a_write_does_not_block_the_next_writer()
    {
        await using var world = await WriteAsync("gold");
        await using var brief = new PostgresWorld(world.Options with { CommandTimeout = TimeSpan.FromSeconds(2) });
        await using var other = new PostgresWorld(world.Options);
        using var frozen = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        var former = await AcquireAsync(world);

        var rebuilding = Task.Run(
            () => CriticalTable.Journal(brief, "item").ProjectAsync(
                former, new Sequence(1), StateThatFreezes(reached, frozen), Cancellation),
            Cancellation);
        reached.Wait(Cancellation);
        var successor = await AcquireAsync(other);
        await CriticalTable.Journal(other, "item").ProjectAsync(
            successor, new Sequence(1), ManyItems(), Cancellation);
        var rows = await servers.QueryAsync<long>($"SELECT count(*) FROM {world.Tables.CriticalState}");
        frozen.Set();
        await Assert.ThrowsAnyAsync<Exception>(() => rebuilding);

        Assert.Equal(ManyItems().Count(), rows);
        Assert.Equal(rows, await servers.QueryAsync<long>($"SELECT count(*) FROM {world.Tables.CriticalState}"));
    }

    [Fact]
    public async Task A_table_of_many_rows_is_built_in_many_statements_and_becomes_visible_at_once()
    {
        await using var world = await WriteAsync("gold");
        var entries = ManyItems().ToList();

        await OpenAsync(world, entries, "item");

        var table = await ReadAsync(world);
        Assert.Equal(CriticalTable.RowsOf(entries), table.Rows);
    }

    [Fact]
    public async Task A_database_that_cannot_hold_every_text_is_not_projected_into()
    {
        const string latin = "latin";
        await servers.ExecuteAsync(
            $"CREATE DATABASE {latin} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        await using var admin = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(servers.Postgres.AdminConnectionString) { Database = latin }
                .ConnectionString);
        await using (var create = admin.CreateCommand("CREATE SCHEMA latin"))
            await create.ExecuteNonQueryAsync(Cancellation);
        await new Persistence.Migrations.WorldSchemaMigrator(
            admin, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance)
            .MigrateUpAsync("latin", Cancellation);
        await using var world = new PostgresWorld(new PostgresConnectionOptions
        {
            Host = servers.Postgres.Host,
            Port = servers.Postgres.Port,
            Database = latin,
            Schema = "latin",
            Username = servers.Postgres.AdminUsername,
            Password = servers.Postgres.AdminPassword,
        });

        var (journal, epoch) = await OpenAsync(world, [], Sequence.None, "gold");
        await journal.AppendAsync(epoch, [Of(1, [Put("gold", "ключ", "1")])], Cancellation);

        Assert.Equal(new CriticalTable(0, 1, "", ""), await CriticalTable.ReadAsync(admin, world));
    }

    private static IEnumerable<StateEntry> ManyItems() =>
        Enumerable.Range(0, 10_000).Select(i => Entry("item", $"{i:d5}", 1, "x"));

    // The rows put so far are locked, until the server ends the silent session.
    private static IEnumerable<StateEntry> StateThatFreezes(ManualResetEventSlim reached, ManualResetEventSlim frozen)
    {
        foreach (var entry in ManyItems())
        {
            if (entry.Key.Id == "09000")
            {
                reached.Set();
                frozen.Wait(Cancellation);
            }

            yield return entry;
        }
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", VolumeId, TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }

    private static Task<(PostgresJournal Journal, Epoch Epoch)> OpenAsync(
        PostgresWorld world, IEnumerable<StateEntry> state, params string[] kinds) =>
        OpenAsync(world, state, new Sequence(state.Max(entry => entry.Value.Version.Value)), kinds);

    private static async Task<(PostgresJournal Journal, Epoch Epoch)> OpenAsync(
        PostgresWorld world, IEnumerable<StateEntry> state, Sequence end, params string[] kinds)
    {
        var epoch = await AcquireAsync(world);
        var journal = CriticalTable.Journal(world, kinds);
        await journal.ProjectAsync(epoch, end, state, Cancellation);
        return (journal, epoch);
    }

    private static IEnumerable<StateEntry> StateAsAnotherOpens(PostgresWorld world)
    {
        foreach (var entry in State)
            yield return entry;
        Task.Run(() => AcquireAsync(world), Cancellation).GetAwaiter().GetResult();
    }

    // Creates a world whose journal holds State.
    private async Task<PostgresWorld> WriteAsync(params string[] kinds)
    {
        var world = await PostgresWorlds.OpenAsync(servers);
        var (journal, epoch) = await OpenAsync(world, [], Sequence.None, kinds);
        await journal.AppendAsync(
            epoch,
            [Of(1, [Put("chat", "a", "hello"), Put("gold", "a", "1"), Put("item", "x", "sword")])],
            Cancellation);
        return world;
    }

    private Task<CriticalTable> ReadAsync(PostgresWorld world) => CriticalTable.ReadAsync(servers.Admin, world);

    // Place and writing transaction of the row; both change if it is written again.
    private Task<string> RowAsync(PostgresWorld world, string kind) => servers.QueryAsync<string>(
        $"SELECT format('%s %s', ctid, xmin) FROM {world.Tables.CriticalState} WHERE kind = '{kind}'");
}
