using System.Globalization;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>
/// Renewals that leave their sync to the WAL writer (ADR 0047), on a server of their own that is killed.
/// </summary>
public sealed class PostgresRenewalTests : IAsyncLifetime
{
    private const int Rounds = 4;
    private const int Worlds = 30;
    private const int Renewals = 3;
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);

    private readonly ServerSet _servers = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _servers.InitializeAsync();

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_renewal_that_was_confirmed_survives_a_killed_server(bool withoutWalWriter)
    {
        await using var world = await PostgresWorlds.OpenAsync(_servers);
        var lease = new PostgresWorldLease(world);
        var epoch = await AcquireAsync(lease);
        for (var round = 1; round <= Rounds; round++)
        {
            if (withoutWalWriter)
                _servers.Postgres.FreezeWalWriter();
            var timeToLive = TimeToLive * round;
            await Outages.OutlastAsync(token => lease.RenewAsync(epoch, timeToLive, token), Cancellation);

            await RestartAsync();

            Assert.InRange(await RemainingAsync(world), timeToLive - TimeSpan.FromMinutes(10), timeToLive);
        }
    }

    [Fact]
    public async Task A_renewal_is_not_confirmed_while_a_crash_could_lose_it()
    {
        await using var world = await PostgresWorlds.OpenAsync(_servers);
        var lease = new PostgresWorldLease(world);
        var epoch = await AcquireAsync(lease);
        var lost = 0;
        for (var round = 0; round < Rounds; round++)
        {
            _servers.Postgres.FreezeWalWriter();
            var before = await RemainingAsync(world);
            var renewal = lease.RenewAsync(epoch, before + TimeToLive, Cancellation);
            while (!renewal.IsCompleted && await RemainingAsync(world) <= before)
                Cancellation.ThrowIfCancellationRequested();

            await RestartAsync();

            var confirmed = await Record.ExceptionAsync(() => renewal) is null;
            var survived = await RemainingAsync(world) > before;
            Assert.True(survived || !confirmed, "A confirmed renewal was lost.");
            lost += survived ? 0 : 1;
        }

        Assert.NotEqual(0, lost);
    }

    [Fact]
    public async Task Renewals_of_many_worlds_share_the_syncs_of_the_WAL_writer()
    {
        var worlds = new List<(PostgresConnectionOptions Options, Epoch Epoch)>();
        for (var index = 0; index < Worlds; index++)
        {
            await using var world = await PostgresWorlds.OpenAsync(_servers);
            worlds.Add((world.Options, await AcquireAsync(new PostgresWorldLease(world))));
        }

        var before = await CountSyncsAsync();
        await Task.WhenAll(worlds.Select(each => RenewAsync(each.Options, each.Epoch)));

        Assert.InRange(await CountSyncsAsync() - before, 1, Worlds * Renewals / 3);
    }

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("ALTER ROLE {0} SET statement_timeout = '100ms'")]
    [InlineData("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_current_wal_flush_lsn() FROM PUBLIC")]
    [InlineData("ALTER SYSTEM SET wal_writer_delay = '10s'")]
    public async Task Lease_is_renewed_whatever_the_server_allows(string change)
    {
        await using var former = await PostgresWorlds.OpenAsync(_servers);
        var epoch = await AcquireAsync(new PostgresWorldLease(former));
        await _servers.ExecuteAsync(string.Format(
            CultureInfo.InvariantCulture, change, ServerSet.Quote(former.Options.Username)));
        await _servers.QueryAsync<bool>("SELECT pg_reload_conf()");
        await using var world = new PostgresWorld(former.Options);
        var lease = new PostgresWorldLease(world);

        await Outages.OutlastAsync(token => lease.RenewAsync(epoch, TimeToLive, token), Cancellation);
        await Outages.OutlastAsync(token => lease.RenewAsync(epoch, 2 * TimeToLive, token), Cancellation);

        Assert.InRange(await RemainingAsync(world), 1.5 * TimeToLive, 2 * TimeToLive);
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorldLease lease)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await lease.TryAcquireAsync(request, Cancellation)).Epoch;
    }

    private async Task RestartAsync()
    {
        await _servers.Postgres.KillAsync();
        await _servers.Postgres.StartAsync(Cancellation);
        _servers.Admin.Clear();
    }

    private Task<TimeSpan> RemainingAsync(PostgresWorld world) => _servers.QueryAsync<TimeSpan>(
        $"SELECT lease_expires_at - clock_timestamp() FROM {ServerSet.Quote(world.Options.Schema)}.world");

    private static async Task RenewAsync(PostgresConnectionOptions options, Epoch epoch)
    {
        await using var world = new PostgresWorld(options);
        for (var renewal = 0; renewal < Renewals; renewal++)
            await new PostgresWorldLease(world).RenewAsync(epoch, TimeToLive, Cancellation);
    }

    // The end of a session reports what it has counted. PostgreSQL 18 counts elsewhere.
    private async Task<long> CountSyncsAsync()
    {
        while (await _servers.QueryAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'aether-agent'") > 0)
            Cancellation.ThrowIfCancellationRequested();
        return await _servers.QueryAsync<long>(
            await _servers.QueryAsync<int>("SELECT current_setting('server_version_num')::int") < 180_000
                ? "SELECT wal_sync FROM pg_stat_wal"
                : "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'");
    }
}
