using System.Diagnostics;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Npgsql;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>
/// A primary and its synchronous standby, behind one address that leads to either, or with one address each.
/// </summary>
[Trait("Field", "F06")]
public sealed class FailoverTests : IAsyncLifetime
{
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(5);

    private readonly ServerSet _servers = new()
    {
        Postgres = new PostgresServer(new PostgresServerOptions
        {
            Settings = new Dictionary<string, string> { ["synchronous_standby_names"] = "*" },
        }),
    };

    private PostgresServer _standby = null!;
    private CuttingProxy _address = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _servers.InitializeAsync();
        _standby = new PostgresServer(new PostgresServerOptions { StandbyOf = _servers.Postgres });
        await _standby.StartAsync(Cancellation);
        _address = new CuttingProxy(_servers.Postgres.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _address.DisposeAsync();
        await _standby.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task Sessions_of_a_standby_are_closed_so_that_the_next_attempt_reaches_the_primary()
    {
        await using var world = new PostgresWorld(
            await PostgresWorlds.CreateAsync(_servers) with { Port = _address.Port });
        var lease = new PostgresWorldLease(world);
        var epoch = await AcquireAsync(world);
        await CaughtUpAsync();

        _address.Lead(_standby.Port);
        _address.Cut();
        _address.Mend();
        await RefusedAsync("standby", () => lease.RenewAsync(epoch, TimeSpan.FromMinutes(1), Cancellation));
        await RefusedAsync("standby", () => lease.ConfirmAsync(epoch, Cancellation));
        _address.Lead(_servers.Postgres.Port);

        await lease.RenewAsync(epoch, TimeSpan.FromMinutes(1), Cancellation);
    }

    [Fact]
    public async Task A_database_that_is_read_only_by_default_is_named_and_left_as_it_is()
    {
        var options = await PostgresWorlds.CreateAsync(_servers);
        await using var world = new PostgresWorld(options);
        var role = ServerSet.Quote(options.Username);
        await _servers.ExecuteAsync($"ALTER ROLE {role} SET default_transaction_read_only = on");

        await RefusedAsync("default_transaction_read_only", () => AcquireAsync(world));
        await _servers.ExecuteAsync($"ALTER ROLE {role} RESET default_transaction_read_only");
        var epoch = await AcquireAsync(world);

        Assert.Equal(new Epoch(1), epoch);
    }

    [Fact]
    public async Task Failover_loses_nothing_acknowledged_and_writers_continue_at_once_on_the_new_primary()
    {
        await using var byAddress = new PostgresWorld(
            await PostgresWorlds.CreateAsync(_servers) with { Port = _address.Port });
        await using var byHosts = new PostgresWorld(await PostgresWorlds.CreateAsync(_servers) with
        {
            Hosts = $"{_servers.Postgres.Host}:{_servers.Postgres.Port},{_standby.Host}:{_standby.Port}",
        });
        Writer[] writers = [await Writer.OpenAsync(byAddress), await Writer.OpenAsync(byHosts)];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writing = writers.Select(writer => writer.WriteAsync(stop.Token)).ToList();
        await Task.WhenAll(writers.Select(writer => writer.BeyondAsync(20)));

        await _servers.Postgres.KillAsync();
        var acknowledged = writers.Select(writer => writer.Acknowledged).ToList();
        await PromoteAsync();
        _address.Lead(_standby.Port);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(writers.Select(writer => writer.BeyondAsync(writer.Acknowledged + 1)));
        var back = Stopwatch.GetElapsedTime(started);
        await stop.CancelAsync();
        await Task.WhenAll(writing);

        Assert.InRange(back, TimeSpan.Zero, BackWithin);
        foreach (var (writer, least) in writers.Zip(acknowledged))
        {
            Assert.True(writer.Acknowledged > least);
            var blocks = await CollectAsync(writer.Journal.ReadAfterAsync(Sequence.None, Cancellation));
            AssertSame(
                [.. Enumerable.Range(1, blocks.Count).Select(i => Block((ulong)i, (ulong)i))], blocks);
            Assert.InRange((ulong)blocks.Count, writer.Acknowledged, writer.Acknowledged + 1);
        }
    }

    // Broken sessions are reported first.
    private static async Task RefusedAsync(string reason, Func<Task> action)
    {
        StoreUnavailableException refusal;
        do
            refusal = await Assert.ThrowsAsync<StoreUnavailableException>(action);
        while (!refusal.Message.Contains(reason, StringComparison.Ordinal)
            && !Cancellation.IsCancellationRequested);
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(5));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }

    private async Task CaughtUpAsync()
    {
        while (!await _servers.QueryAsync<bool>(
            "SELECT coalesce(bool_and(replay_lsn = pg_current_wal_lsn()), false) FROM pg_stat_replication"))
            Cancellation.ThrowIfCancellationRequested();
    }

    private async Task PromoteAsync()
    {
        await using var admin = NpgsqlDataSource.Create(_standby.AdminConnectionString);
        await using var promote = admin.CreateCommand("SELECT pg_promote()");
        Assert.Equal(true, await promote.ExecuteScalarAsync(Cancellation));
    }

    /// <summary>Appends one block after the other, as the engine's shipper does.</summary>
    private sealed class Writer(PostgresWorld world, Epoch epoch)
    {
        private ulong _acknowledged;

        public ulong Acknowledged => Volatile.Read(ref _acknowledged);

        public PostgresJournal Journal { get; } = new(world);

        public static async Task<Writer> OpenAsync(PostgresWorld world) => new(world, await AcquireAsync(world));

        public async Task WriteAsync(CancellationToken stop)
        {
            try
            {
                for (var block = 1UL; ; block++)
                {
                    await Outages.OutlastAsync(
                        cancellation => Journal.AppendAsync(epoch, [Block(block, block)], cancellation), stop);
                    Volatile.Write(ref _acknowledged, block);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The test has stopped the writer.
            }
        }

        public async Task BeyondAsync(ulong block)
        {
            while (Acknowledged < block)
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }
    }
}
