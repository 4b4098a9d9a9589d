using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>How many sessions of the server an agent keeps while its world is idle.</summary>
public sealed class IdleSessionTests(ServerSet servers)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_session_is_left_after_a_load_and_serves_all_renewals()
    {
        await using var world = new PostgresWorld(await PostgresWorlds.CreateAsync(servers) with
        {
            IdleLifetime = TimeSpan.FromSeconds(2),
            PruningInterval = TimeSpan.FromSeconds(1),
        });
        var lease = new PostgresWorldLease(world);
        var epoch = await AcquireAsync(lease);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => lease.ConfirmAsync(epoch, Cancellation)));
        var sessions = await SessionsAsync(world);
        Assert.InRange(sessions.Count, 2, world.Options.MaxConnections);

        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while ((sessions = await SessionsAsync(world)).Count > 1)
        {
            await lease.RenewAsync(epoch, TimeToLive, deadline.Token);
            await Task.Delay(Pause, TimeProvider.System, deadline.Token);
        }

        for (var renewal = 0; renewal < 10; renewal++)
        {
            await lease.RenewAsync(epoch, TimeToLive, Cancellation);
            await Task.Delay(Pause, TimeProvider.System, Cancellation);
        }

        Assert.Equal(sessions, await SessionsAsync(world));
    }

    [Fact]
    public async Task A_report_waits_for_a_renewal_and_needs_no_session_of_its_own()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var lease = new PostgresWorldLease(world);
        var reports = new PostgresReports(world, "pod");
        var epoch = await AcquireAsync(lease);

        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(
                lease.RenewAsync(epoch, TimeToLive, Cancellation), reports.SendAsync(new byte[] { 1 }, Cancellation));
        }

        Assert.Single(await SessionsAsync(world));
    }

    [Fact]
    public async Task Through_a_pooler_idle_agents_hold_no_session_of_the_server_and_log_in_once()
    {
        await using var pooler = new PgBouncerServer(servers.Postgres, "transaction", "server_idle_timeout = 1");
        await pooler.StartAsync(Cancellation);
        var worlds = new List<PostgresWorld>();
        var leases = new List<(PostgresWorldLease Lease, Epoch Epoch)>();
        for (var index = 0; index < 4; index++)
        {
            var world = new PostgresWorld(await PostgresWorlds.CreateAsync(servers) with { Port = pooler.Port });
            worlds.Add(world);
            var lease = new PostgresWorldLease(world);
            leases.Add((lease, await AcquireAsync(lease)));
        }

        var logins = 0;
        for (var renewal = 0; renewal < 3; renewal++)
        {
            await Task.WhenAll(leases.Select(each => each.Lease.RenewAsync(each.Epoch, TimeToLive, Cancellation)));
            logins = renewal == 0 ? await LoginsAsync(pooler) : logins;
            using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
            while ((await Task.WhenAll(worlds.Select(SessionsAsync))).Any(sessions => sessions.Count > 0))
                await Task.Delay(Pause, TimeProvider.System, deadline.Token);
        }

        Assert.Equal(logins, await LoginsAsync(pooler));
        Assert.InRange(logins, leases.Count, 2 * leases.Count);
        foreach (var world in worlds)
            await world.DisposeAsync();
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorldLease lease)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeToLive);
        return (await lease.TryAcquireAsync(request, Cancellation)).Epoch;
    }

    private static async Task<int> LoginsAsync(PgBouncerServer pooler) =>
        (await File.ReadAllLinesAsync(pooler.LogFile, Cancellation)).Count(line => line.Contains(
            "login attempt", StringComparison.Ordinal));

    private async Task<IReadOnlyList<int>> SessionsAsync(PostgresWorld world) => await servers.QueryAsync<int[]>(
        $"SELECT coalesce(array_agg(pid ORDER BY pid), '{{}}') FROM pg_stat_activity "
        + $"WHERE usename = '{world.Options.Username}'");
}
