using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>The shipper of a write path without its runtime, so that a test controls the timing.</summary>
public sealed class ShipperTests : IAsyncDisposable
{
    private static readonly EngineMetrics Metrics =
        new(Prometheus.Metrics.WithCustomRegistry(Prometheus.Metrics.NewCustomRegistry()));

    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Earliest_commit_is_shipped_after_the_recovered_ones()
    {
        await LeaveUnshippedAsync(shipped: 3, last: 6);
        var stored = LogOpening.Open(_volume, _fixture.Options.WorldId, _fixture.Options.SegmentBytes);
        var lease = NewLease();
        var recovered = await RecoverAsync(stored, lease);
        using var log = stored.Start(lease.Epoch, recovered.End);
        using var path = NewPath(log, lease, recovered);
        path.Start();

        await path.Admission.CommitAsync(Put(7, "first", Durability.Fsync), pipelined: false, Cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var shipping = path.ShipAsync(over.Token);
        await await Task.WhenAny(shipping, _fixture.WhenReplicatedAsync(7));

        Assert.Equal(
            [1UL, 2UL, 3UL, 4UL, 5UL, 6UL, 7UL], _fixture.Stores.Blocks.Select(block => block.First.Value));
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shipping);
        path.Close(RuntimePhase.Stopping);
        await path.Flushed;
    }

    [Fact]
    public async Task A_block_that_is_in_the_log_before_it_is_offered_is_shipped_and_counted_once()
    {
        var appended = new List<Sequence>();
        _fixture.Stores.BeforeAppend = blocks =>
        {
            appended.AddRange(blocks.Select(block => block.First));
            return Task.CompletedTask;
        };
        using var world = LogWorld.Open(_volume);
        world.AppendSamples(4);
        var blocks = world.Log.ReadAfter(Sequence.None).ToList();
        var lease = NewLease();
        await lease.AcquireAsync(Guid.NewGuid(), Epoch.None, _ => { }, Cancellation);
        using var path = NewPath(world.Log, lease, Recovered(blocks[0]));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var shipping = path.ShipAsync(over.Token);
        path.Acknowledger.Durable.Advance(blocks[^1].Last);
        foreach (var block in blocks)
        {
            if (block != blocks[0])
                path.Shipper!.Offer(block);
            await path.Acknowledger.Replicated.WaitForAsync(block.Last, Cancellation);
        }

        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shipping);

        Assert.Equal(blocks.Select(block => block.First), appended);
        Assert.Equal((0L, TimeSpan.Zero), path.Shipper!.Measure());
    }

    private static RecoveredWorld Recovered(LogBlock only)
    {
        var state = new WorldState(LogWorld.Options);
        var replayer = new Replayer(state);
        replayer.Replay(only, "log");
        return new RecoveredWorld
        {
            World = state,
            End = replayer.End!.Value,
            Backlog = new ShippingBacklog(Sequence.None, only.Last, only.Encoded.Length, only.WrittenAt),
            Snapshot = null,
            SnapshotBytes = 0,
            DamagedSnapshots = [],
            Report = new RecoveryReport
            {
                SnapshotSequence = Sequence.None,
                SkippedSnapshots = [],
                ReplayedFromJournal = 0,
                ReplayedFromVolume = 1,
                Diverged = 0,
                TornBytes = 0,
                Duration = TimeSpan.Zero,
            },
        };
    }

    private LeaseKeeper NewLease() => new(
        _fixture.Stores, _fixture.Options, _fixture.Clock, NullLogger<LeaseKeeper>.Instance);

    // One commit is one block.
    private async Task LeaveUnshippedAsync(int shipped, int last)
    {
        var former = await _fixture.OpenAsync(_volume);
        for (var i = 1; i <= shipped; i++)
            await former.CommitAsync(Put(i, "x", Durability.Replicated), Cancellation);
        _fixture.Stores.DatabaseAnswers = false;
        for (var i = shipped + 1; i <= last; i++)
            await former.CommitAsync(Put(i, "x", Durability.Fsync), Cancellation);
        await former.DisposeAsync();
        _fixture.Stores.DatabaseAnswers = true;
        _fixture.Stores.ExpireLease();
    }

    private async Task<RecoveredWorld> RecoverAsync(StoredLog log, LeaseKeeper lease)
    {
        var identity = Volume.Open(_volume, _fixture.Options);
        await lease.AcquireAsync(identity.Id, log.End!.Value.Epoch, _ => { }, Cancellation);
        var sources = new RecoverySources
        {
            HasVolume = true,
            Journal = _fixture.Stores,
            Snapshots = _fixture.Stores,
            Divergences = _fixture.Stores,
        };
        var recovery = new WorldRecovery(
            _fixture.Options, sources, log, identity.Id, lease, _fixture.Clock, _ => { }, new RecoveryProgress(),
            NullLogger<WorldRecovery>.Instance);
        return await recovery.RecoverAsync(Cancellation);
    }

    private WritePath NewPath(WriteAheadLog log, LeaseKeeper lease, RecoveredWorld recovered) => new(
        _fixture.Options, new DurabilityPolicy(_fixture.Options, hasJournal: true), recovered.World, lease, log,
        _fixture.Stores, recovered.Backlog, _fixture.Clock, Metrics, NullLoggerFactory.Instance, _ => { });
}
