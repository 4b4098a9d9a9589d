using System.Diagnostics;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using static Aether.Persistence.Conformance.TestBlocks;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>Tests on a separate server, because other tests would fail without it.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = 8 * Outages.Impatience;

    private readonly ServerSet _servers = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _servers.InitializeAsync();

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    [Fact]
    public async Task Acknowledged_blocks_survive_a_killed_server()
    {
        await using var world = await OpenAsync();
        var epoch = await AcquireAsync(world);
        var (journal, snapshots) = (new PostgresJournal(world), new PostgresSnapshotStore(world));
        await journal.AppendAsync(epoch, [Block(1, 3)], Cancellation);
        await snapshots.WriteAsync(Manifest(3, epoch.Value), Chunks([1, 2], [3]), Cancellation);

        await _servers.Postgres.KillAsync();
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => journal.AppendAsync(epoch, [Block(4, 4)], Cancellation));
        await _servers.Postgres.StartAsync(Cancellation);
        await Outages.OutlastAsync(
            cancellation => journal.AppendAsync(epoch, [Block(4, 4)], cancellation), Cancellation);

        Assert.Equal("postgres", exception.Store);
        AssertSame(
            [Block(1, 3), Block(4, 4)], await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
        Assert.Equal([[1, 2], [3]], await ReadAsync(snapshots, Manifest(3, epoch.Value)));
    }

    [Fact]
    public async Task A_stopped_server_fails_every_member_until_it_is_restarted()
    {
        await using var world = await OpenAsync();
        var epoch = await AcquireAsync(world);
        var (lease, journal, snapshots) =
            (new PostgresWorldLease(world), new PostgresJournal(world), new PostgresSnapshotStore(world));
        var health = new PostgresHealth(world);
        await _servers.Postgres.StopAsync();

        Func<Task>[] members =
        [
            () => lease.TryAcquireAsync(new LeaseRequest("x", Guid.NewGuid(), TimeSpan.FromMinutes(1)), Cancellation),
            () => lease.RenewAsync(epoch, TimeSpan.FromMinutes(1), Cancellation),
            () => lease.ReleaseAsync(epoch, Cancellation),
            () => lease.ReadEpochsAfterAsync(Epoch.None, Cancellation),
            () => journal.ReadHeadAsync(Cancellation),
            () => CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)),
            () => journal.AppendAsync(epoch, [Block(1, 1)], Cancellation),
            () => journal.TruncateThroughAsync(epoch, new Sequence(1), Cancellation),
            () => snapshots.ListAsync(Cancellation),
            () => snapshots.WriteAsync(Manifest(1, epoch.Value), Chunks([1]), Cancellation),
            () => ReadAsync(snapshots, Manifest(1, epoch.Value)),
            () => snapshots.DeleteAsync(epoch, Manifest(1, epoch.Value), Cancellation),
        ];
        foreach (var member in members)
            await Assert.ThrowsAsync<StoreUnavailableException>(member);
        var down = await health.CheckAsync(Cancellation);
        await _servers.Postgres.StartAsync(Cancellation);
        await Outages.OutlastAsync(
            cancellation => journal.AppendAsync(epoch, [Block(1, 1)], cancellation), Cancellation);

        Assert.False(down.Healthy);
        Assert.True((await health.CheckAsync(Cancellation)).Healthy);
    }

    [Fact]
    public async Task A_silent_server_fails_the_append_in_bounded_time_and_the_repeated_append_is_stored_once()
    {
        await using var world = await OpenAsync();
        var epoch = await AcquireAsync(world);
        var journal = new PostgresJournal(world);
        await journal.AppendAsync(epoch, [Block(1, 1)], Cancellation);

        _servers.Postgres.FreezeSessions();
        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => journal.AppendAsync(epoch, [Block(2, 2)], Cancellation));
        var elapsed = Stopwatch.GetElapsedTime(started);
        _servers.Postgres.ThawSessions();
        await Outages.OutlastAsync(
            cancellation => journal.AppendAsync(epoch, [Block(2, 2), Block(3, 3)], cancellation), Cancellation);

        Assert.InRange(elapsed, TimeSpan.Zero, Bound);
        AssertSame(
            [Block(1, 1), Block(2, 2), Block(3, 3)],
            await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_last_requested_block_does_not_fail_the_read()
    {
        await using var proxy = new CuttingProxy(_servers.Postgres.Port);
        await using var world = new PostgresWorld(
            await PostgresWorlds.CreateAsync(_servers) with { Port = proxy.Port });
        var epoch = await AcquireAsync(world);
        var journal = new PostgresJournal(world);
        for (var block = 1UL; block <= 8; block++)
            await journal.AppendAsync(epoch, [Block(block, block, size: 4_000_000)], Cancellation);

        var seen = new List<Sequence>();
        await foreach (var block in journal.ReadAfterAsync(Sequence.None, Cancellation))
        {
            seen.Add(block.Last);
            proxy.Cut();
            break;
        }

        proxy.Mend();
        Assert.Equal([new Sequence(1)], seen);
        Assert.Equal(new Sequence(8), (await journal.ReadHeadAsync(Cancellation)).Last);
    }

    [Fact]
    [Trait("Field", "F34")]
    public async Task A_wrong_password_is_named_as_the_cause_and_not_shown()
    {
        var options = await PostgresWorlds.CreateAsync(_servers);
        await using var world = new PostgresWorld(options with { Password = "not-the-password" });

        var status = await new PostgresHealth(world).CheckAsync(Cancellation);

        Assert.False(status.Healthy);
        Assert.Contains("password authentication failed for user", status.Message, StringComparison.Ordinal);
        Assert.Contains("28P01", status.Message, StringComparison.Ordinal);
        Assert.Contains("AETHER_POSTGRES_PASSWORD", status.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("conditions", status.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_missing_schema_says_that_the_operator_recreates_it()
    {
        var options = await PostgresWorlds.CreateAsync(_servers);
        await using var world = new PostgresWorld(options with { Schema = "nowhere" });

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => AcquireAsync(world));

        Assert.Contains("schema or its grants are incomplete", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }

    private async Task<PostgresWorld> OpenAsync() => new(await PostgresWorlds.CreateAsync(_servers) with
    {
        ConnectTimeout = Outages.Impatience,
        CommandTimeout = Outages.Impatience,
    });
}
