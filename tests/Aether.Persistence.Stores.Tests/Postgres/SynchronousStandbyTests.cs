using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Npgsql;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>
/// Tests on a separate server whose only synchronous standby is unavailable: its commits exist nowhere else.
/// </summary>
public sealed class SynchronousStandbyTests : IAsyncLifetime
{
    private readonly ServerSet _servers = new();
    private PostgresWorld _world = null!;
    private PostgresWorldLease _lease = null!;
    private PostgresJournal _journal = null!;
    private Epoch _epoch;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _servers.InitializeAsync();
        _world = new PostgresWorld(await PostgresWorlds.CreateAsync(_servers) with
        {
            CommandTimeout = Outages.Impatience,
        });
        _lease = new PostgresWorldLease(_world);
        _journal = new PostgresJournal(_world);
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        _epoch = (await _lease.TryAcquireAsync(request, Cancellation)).Epoch;
        await _journal.AppendAsync(_epoch, [Block(1, 1)], Cancellation);

        await _servers.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        await _servers.QueryAsync<bool>("SELECT pg_reload_conf()");
        while (!await CommitsWaitAsync())
            Cancellation.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task An_append_that_no_standby_has_is_never_acknowledged_however_often_it_is_repeated()
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(
                () => _journal.AppendAsync(_epoch, [Block(2, 2)], Cancellation));
        }

        await EndWaitForStandbyAsync();
        await Outages.OutlastAsync(
            cancellation => _journal.AppendAsync(_epoch, [Block(2, 2)], cancellation), Cancellation);
        AssertSame(
            [Block(1, 1), Block(2, 2)], await CollectAsync(_journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task An_append_found_after_a_crash_of_the_server_is_not_acknowledged_just_for_being_there()
    {
        var first = _journal.AppendAsync(_epoch, [Block(2, 2)], Cancellation);
        while (await _servers.QueryAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == 0)
            Cancellation.ThrowIfCancellationRequested();
        NpgsqlConnection.ClearAllPools();
        await _servers.Postgres.KillAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await _servers.Postgres.StartAsync(Cancellation);
        await Outages.OutlastAsync(cancellation => _journal.ReadHeadAsync(cancellation), Cancellation);

        Assert.Equal(new Sequence(2), (await _journal.ReadHeadAsync(Cancellation)).Last);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _journal.AppendAsync(_epoch, [Block(2, 2)], Cancellation));
    }

    [Fact]
    [Trait("Field", "F22")]
    public async Task An_append_that_no_standby_has_is_not_acknowledged_to_a_role_that_is_sent_no_warnings()
    {
        await _servers.ExecuteAsync(
            $"ALTER ROLE {ServerSet.Quote(_world.Options.Username)} SET client_min_messages = error");
        await using var world = new PostgresWorld(_world.Options);

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => new PostgresJournal(world).AppendAsync(_epoch, [Block(2, 2)], Cancellation));
    }

    [Fact]
    public async Task A_lease_that_no_standby_has_is_neither_taken_nor_renewed()
    {
        var request = new LeaseRequest("other", Guid.NewGuid(), TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _lease.RenewAsync(_epoch, TimeSpan.Zero, Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _lease.TryAcquireAsync(request, Cancellation));
    }

    [Fact]
    public async Task A_lease_of_usual_length_is_not_renewed_without_the_standby_either()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _lease.RenewAsync(_epoch, TimeSpan.FromMinutes(1), Cancellation));
    }

    // The server's processes learn of the setting one after the other. A cancelled wait shows as a notice.
    private async Task<bool> CommitsWaitAsync()
    {
        await using var connection = await _servers.Admin.OpenConnectionAsync(Cancellation);
        var waited = false;
        connection.Notice += (_, notice) => waited = true;
        await using var command = new NpgsqlCommand("CREATE TABLE probe (); DROP TABLE probe", connection)
        {
            CommandTimeout = 1,
        };
        await command.ExecuteNonQueryAsync(Cancellation);
        return waited;
    }

    private async Task EndWaitForStandbyAsync()
    {
        await _servers.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await _servers.QueryAsync<bool>("SELECT pg_reload_conf()");
    }
}
