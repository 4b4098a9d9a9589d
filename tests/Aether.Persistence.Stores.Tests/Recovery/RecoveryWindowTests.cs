using System.Text;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Recovery;
using Aether.Persistence.Runtime;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aether.Persistence.Stores.Tests.Recovery;

/// <summary>A world with a recovery window on real servers, read beside its writer.</summary>
public sealed class RecoveryWindowTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(10);

    private readonly ServerSet _servers;
    private readonly TemporaryFolder _folder = new("window");
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly List<IAsyncDisposable> _connections = [];
    private readonly List<(DateTimeOffset At, StateDigest Digest)> _past = [];

    private readonly PersistenceOptions _options = new()
    {
        WorldId = "world-under-test",
        Holder = "world-0",
        SegmentBytes = 4096,
        SnapshotInterval = TimeSpan.FromDays(40),
        LeaseTimeToLive = TimeSpan.FromMinutes(10),
        MaxSnapshots = 4,
        RecoveryWindow = TimeSpan.FromHours(2),
    };

    public RecoveryWindowTests(ServerSet servers)
    {
        _servers = servers;
        _past.Add((_clock.GetUtcNow(), StateDigest.Empty));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in Enumerable.Reverse(_connections))
            await connection.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Whole_window_is_recovered_from_PostgreSQL()
    {
        var world = await OpenPostgresAsync();

        await LiveAsync(world, new PostgresJournal(world));

        await CheckWindowAsync(world, new PostgresJournal(world));
        Assert.InRange((await new PostgresSnapshotStore(world).ListAsync(Cancellation)).Count, 3, 4);
    }

    [Fact]
    public async Task The_whole_window_is_recovered_from_JetStream_which_keeps_little_else()
    {
        var world = await OpenPostgresAsync();
        var names = WorldNames.For("tests", _servers.NewName());
        await using (var admin = NatsWorlds.Admin(_servers.Nats))
            await NatsWorlds.CreateJournalAsync(admin, names);

        await LiveAsync(world, ConnectJetStream(names, world));

        var journal = ConnectJetStream(names, world);
        await CheckWindowAsync(world, journal);
        await Assert.ThrowsAsync<PointNotKeptException>(
            () => RecoverAsync(world, journal, RecoveryTarget.At(new Sequence(10))));
    }

    private async Task<PostgresWorld> OpenPostgresAsync()
    {
        var world = await PostgresWorlds.OpenAsync(_servers);
        _connections.Add(world);
        return world;
    }

    private JetStreamJournal ConnectJetStream(WorldNames names, PostgresWorld postgres)
    {
        var world = new NatsWorld(NatsWorlds.Options(_servers.Nats, names), TimeProvider.System);
        _connections.Add(world);
        return new JetStreamJournal(world, new PostgresWorldLease(postgres), NullLogger<JetStreamJournal>.Instance);
    }

    // Ten hours, with a snapshot every twenty minutes.
    private async Task LiveAsync(PostgresWorld world, IJournal journal)
    {
        var runtime = new PersistenceRuntime(
            _options,
            new PersistencePorts
            {
                Volume = new LocalFileSystem(_folder.Path),
                Lease = new PostgresWorldLease(world),
                Journal = journal,
                Snapshots = new PostgresSnapshotStore(world),
            },
            _clock,
            NullLoggerFactory.Instance,
            new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));
        _connections.Add(runtime);
        await runtime.StartAsync(Cancellation);
        for (var i = 0; i < 60; i++)
        {
            _clock.Advance(Step);
            await CommitAsync(runtime, Durability.Memory);
            await CommitAsync(runtime, Durability.Memory);
            await CommitAsync(runtime, Durability.Replicated);
            if (i % 2 == 0)
                await runtime.SnapshotAsync(Cancellation);
        }
    }

    private async Task CommitAsync(PersistenceRuntime runtime, Durability durability)
    {
        var key = new StateKey("item", (_past.Count % 7).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var value = Encoding.UTF8.GetBytes($"value {_past.Count}");
        var answer = runtime.CommitAsync(new Commit([Mutation.Put(key, value)], durability), Cancellation);
        _past.Add((_clock.GetUtcNow(), runtime.Status.Digest));
        await answer;
    }

    private async Task CheckWindowAsync(PostgresWorld world, IJournal journal)
    {
        var now = _clock.GetUtcNow();
        var oldest = _past.FindLastIndex(moment => moment.At <= now - _options.RecoveryWindow);
        for (var sequence = oldest; sequence < _past.Count; sequence++)
        {
            var point = await RecoverAsync(world, journal, RecoveryTarget.At(new Sequence((ulong)sequence)));
            Assert.Equal(
                ((ulong)sequence, _past[sequence].Digest), (point.State.Sequence.Value, point.State.Digest));
        }

        for (var ago = TimeSpan.Zero; ago <= _options.RecoveryWindow; ago += Step / 2)
        {
            var point = await RecoverAsync(world, journal, RecoveryTarget.At(now - ago));
            Assert.Equal(
                _past.FindLastIndex(moment => moment.At <= now - ago), (int)point.State.Sequence.Value);
        }
    }

    private Task<RecoveredPoint> RecoverAsync(PostgresWorld world, IJournal journal, RecoveryTarget target) =>
        new PointInTimeRecovery(_options, new PostgresSnapshotStore(world), journal)
            .RecoverAsync(target, Cancellation);
}
