using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.State;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.Persistence.Wal;
using static Aether.Persistence.Conformance.TestBlocks;
using static Aether.Persistence.Stores.Tests.Servers.CommitBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>Tests on a separate server, which is killed: table and journal are part of one transaction.</summary>
public sealed class CriticalOutageTests : IAsyncLifetime
{
    private const int Rounds = 4;
    private const int BlocksPerRound = 25;
    private static readonly HashSet<string> Kinds = ["gold"];

    private readonly ServerSet _servers = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _servers.InitializeAsync();

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    [Fact]
    public async Task A_server_killed_at_any_moment_keeps_table_and_journal_consistent()
    {
        await using var world = await PostgresWorlds.OpenAsync(_servers);
        var epoch = await AcquireAsync(world);
        var journal = CriticalTable.Journal(world, [.. Kinds]);
        await journal.ProjectAsync(epoch, Sequence.None, [], Cancellation);
        var next = 1UL;
        for (var round = 0; round < Rounds; round++)
        {
            using var landed = new SemaphoreSlim(0);
            var writing = Task.Run(() => WriteUntilOutageAsync(journal, epoch, next, landed), Cancellation);
            for (var i = 0; i < BlocksPerRound; i++)
                await landed.WaitAsync(Cancellation);
            await _servers.Postgres.KillAsync();
            next = await writing;
            await _servers.Postgres.StartAsync(Cancellation);
            _servers.Admin.Clear();

            await AssertTableMatchesJournalAsync(world, journal);
            await journal.AppendAsync(epoch, [Block(next)], Cancellation);
            await AssertTableMatchesJournalAsync(world, journal);
            next += 2;
        }
    }

    [Fact]
    public async Task An_append_of_unknown_outcome_is_projected_once()
    {
        var options = await PostgresWorlds.CreateAsync(_servers);
        await using var world = new PostgresWorld(options with { CommandTimeout = TimeSpan.FromSeconds(3) });
        var epoch = await AcquireAsync(world);
        var journal = CriticalTable.Journal(world, [.. Kinds]);
        await journal.ProjectAsync(epoch, Sequence.None, [], Cancellation);
        await journal.AppendAsync(epoch, [Block(1)], Cancellation);

        _servers.Postgres.FreezeSessions();
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => journal.AppendAsync(epoch, [Block(3)], Cancellation));
        _servers.Postgres.ThawSessions();
        await Outages.OutlastAsync(
            cancellation => journal.AppendAsync(epoch, [Block(3), Block(5)], cancellation), Cancellation);

        await AssertTableMatchesJournalAsync(world, journal);
        Assert.Equal(6, (await CriticalTable.ReadAsync(_servers.Admin, world)).Sequence);
    }

    // Two commits that put a few keys and delete others, some of which were put just before.
    private static LogBlock Block(ulong first) => Of(
        first,
        [Put("gold", $"{first % 13}", $"{first}"), Put("chat", "a", "x"), Delete("gold", $"{first % 5}")],
        [Put("gold", $"{first % 7}", $"{first + 1}")]);

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }

    // Returns the first commit of the block whose outcome is unknown.
    private static async Task<ulong> WriteUntilOutageAsync(
        PostgresJournal journal, Epoch epoch, ulong first, SemaphoreSlim landed)
    {
        for (var next = first; ; next += 2)
        {
            try
            {
                await journal.AppendAsync(epoch, [Block(next)], Cancellation);
                landed.Release();
            }
            catch (StoreUnavailableException)
            {
                return next;
            }
        }
    }

    private async Task AssertTableMatchesJournalAsync(PostgresWorld world, PostgresJournal journal)
    {
        var blocks = await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation));
        var expected = CriticalChanges.In(blocks, Kinds)
            .Where(change => change.Value is not null)
            .Select(change => new StateEntry(change.Key, change.Value!.Value));

        var table = await CriticalTable.ReadAsync(_servers.Admin, world);

        Assert.Equal((table.End, (long)blocks[^1].Last.Value), (table.Sequence, table.End));
        Assert.Equal(CriticalTable.RowsOf(expected), table.Rows);
    }
}
