using Aether.Persistence.Conformance;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static Aether.Persistence.Conformance.TestBlocks;
using static Aether.Persistence.Stores.Tests.Servers.TestSnapshots;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>PostgreSQL with one PgBouncer per mode in front of it.</summary>
public sealed class PoolerServers : IAsyncLifetime
{
    // By default, sessions commit without waiting for the disk, which is written late.
    private static readonly PostgresServerOptions Asynchronous = new()
    {
        Settings = new Dictionary<string, string> { ["synchronous_commit"] = "off", ["wal_writer_delay"] = "10s" },
    };

    public ServerSet Servers { get; } = new() { Postgres = new PostgresServer(Asynchronous) };

    public PgBouncerServer Session { get; private set; } = null!;

    public PgBouncerServer Transaction { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Servers.InitializeAsync();
        Session = new PgBouncerServer(Servers.Postgres, "session");
        Transaction = new PgBouncerServer(Servers.Postgres, "transaction");
        await Task.WhenAll(
            Session.StartAsync(CancellationToken.None), Transaction.StartAsync(CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await Transaction.DisposeAsync();
        await Servers.DisposeAsync();
    }

    public PgBouncerServer Pooler(string mode) => mode == "session" ? Session : Transaction;
}

[Trait("Field", "F02")]
public sealed class PoolerTests(PoolerServers servers) : IClassFixture<PoolerServers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acknowledged_blocks_survive_a_killed_server_that_commits_asynchronously_by_default()
    {
        var direct = await PostgresWorlds.CreateAsync(servers.Servers);
        PostgresConnectionOptions[] ways =
        [
            direct,
            await PostgresWorlds.CreateAsync(servers.Servers) with { Port = servers.Session.Port },
            await PostgresWorlds.CreateAsync(servers.Servers) with { Port = servers.Transaction.Port },
        ];
        foreach (var way in ways)
        {
            await using var world = new PostgresWorld(way);
            var epoch = await AcquireAsync(world);
            await new PostgresSnapshotStore(world).WriteAsync(Manifest(1, epoch.Value), Chunks([1, 2]), Cancellation);
            for (var block = 1UL; block <= 5; block++)
                await new PostgresJournal(world).AppendAsync(epoch, [Block(block, block)], Cancellation);
        }

        await servers.Servers.Postgres.KillAsync();
        await servers.Servers.Postgres.StartAsync(Cancellation);
        servers.Servers.Admin.Clear();

        foreach (var way in ways)
        {
            await using var world = new PostgresWorld(way with { Port = direct.Port });
            var blocks = await CollectAsync(new PostgresJournal(world).ReadAfterAsync(Sequence.None, Cancellation));
            Assert.Equal(5, blocks.Count);
            Assert.Single(await new PostgresSnapshotStore(world).ListAsync(Cancellation));
        }
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task Lease_journal_and_snapshots_work_side_by_side_through_a_pooler(string mode)
    {
        var options = await PostgresWorlds.CreateAsync(servers.Servers) with { Port = servers.Pooler(mode).Port };
        await using var world = new PostgresWorld(options);
        var epoch = await AcquireAsync(world);
        var lease = new PostgresWorldLease(world);
        var journal = new PostgresJournal(world);
        var snapshots = new PostgresSnapshotStore(world);

        await Task.WhenAll(
            Repeat(100, i => journal.AppendAsync(epoch, [Block(i, i)], Cancellation)),
            Repeat(100, _ => lease.RenewAsync(epoch, TimeSpan.FromMinutes(1), Cancellation)),
            Repeat(100, _ => lease.ConfirmAsync(epoch, Cancellation)),
            Repeat(10, i => snapshots.WriteAsync(Manifest(i, epoch.Value), Chunks([1], [2]), Cancellation)));

        AssertSame(
            [.. Enumerable.Range(1, 100).Select(i => Block((ulong)i, (ulong)i))],
            await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
        Assert.Equal(10, (await snapshots.ListAsync(Cancellation)).Count);
        Assert.Equal(0, await servers.Servers.QueryAsync<long>("SELECT count(*) FROM pg_prepared_statements"));
    }

    [Fact]
    public async Task Statements_are_prepared_where_there_is_no_pooler()
    {
        await using var world = new PostgresWorld(await PostgresWorlds.CreateAsync(servers.Servers));
        var epoch = await AcquireAsync(world);
        for (var i = 0; i < 3; i++)
            await new PostgresWorldLease(world).ConfirmAsync(epoch, Cancellation);

        var prepared = await world.RunAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_prepared_statements", connection);
                return (long)(await command.ExecuteScalarAsync(Cancellation))!;
            },
            Cancellation);

        Assert.NotEqual(0, prepared);
    }

    [Fact]
    public async Task Migrations_run_at_the_same_time_through_a_pooler_in_transaction_mode()
    {
        await using var admin = NpgsqlDataSource.Create(servers.Transaction.AdminConnectionString);
        var migrator = new WorldSchemaMigrator(admin, NullLoggerFactory.Instance);
        var schema = await servers.Servers.NewSchemaAsync();

        var runs = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => migrator.MigrateUpAsync(schema, Cancellation)));

        Assert.Single(runs, run => run.Count == WorldSchemaMigrator.Versions.Count);
        Assert.Equal(3, runs.Count(run => run.Count == 0));
    }

    private static async Task Repeat(ulong count, Func<ulong, Task> action)
    {
        for (var i = 1UL; i <= count; i++)
            await action(i);
    }

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }
}

/// <summary>The contract of a journal, with a pooler that gives each transaction another session.</summary>
[Trait("Field", "F02")]
public sealed class PooledJournalTests(PoolerServers servers) : JournalConformance, IClassFixture<PoolerServers>
{
    protected override ulong KeptBefore => 131_072;

    protected override async Task<(IWorldLease Lease, IJournal Journal, IJournal Successor)> CreateWorldAsync()
    {
        var options = await PostgresWorlds.CreateAsync(servers.Servers) with { Port = servers.Transaction.Port };
        var (world, other) = (new PostgresWorld(options), new PostgresWorld(options));
        return (new PostgresWorldLease(world), new PostgresJournal(world), new PostgresJournal(other));
    }
}
