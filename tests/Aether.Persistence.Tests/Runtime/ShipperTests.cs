using Aether.Persistence.Commits;
using Aether.Persistence.Conformance;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aether.Persistence.Tests.Runtime;

public sealed class ShipperTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_block_that_stands_in_the_log_before_it_is_offered_is_shipped_and_counted_once()
    {
        var clock = new FakeTimeProvider();
        var stores = new InMemoryStores(clock);
        var appended = new List<Sequence>();
        stores.BeforeAppend = blocks =>
        {
            appended.AddRange(blocks.Select(block => block.First));
            return Task.CompletedTask;
        };
        var metrics = new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        using var world = LogWorld.Open(new SimulatedFileSystem(seed: 1));
        world.AppendSamples(4);
        var blocks = world.Log.ReadAfter(Sequence.None).ToList();
        var lease = new LeaseKeeper(stores, LogWorld.Options, clock, NullLogger<LeaseKeeper>.Instance);
        await lease.AcquireAsync(Guid.NewGuid(), Epoch.None, _ => { }, Cancellation);
        using var pipeline = new CommitPipeline(
            LogWorld.Options,
            new DurabilityPolicy(LogWorld.Options, hasJournal: true),
            world.State,
            lease,
            Sequence.None,
            world.Log,
            clock,
            metrics);
        var shipper = new Shipper(
            stores, world.Log, pipeline, LogWorld.Options, clock, metrics, NullLogger<Shipper>.Instance);
        using var flusher = new LogFlusher(pipeline, world.Log, lease.Epoch, shipper, metrics, _ => { });
        pipeline.Flusher = flusher;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        shipper.OfferLog(blocks[0].Last, blocks[0].Encoded.Length, blocks[0].WrittenAt);
        var shipping = shipper.RunAsync(lease.Epoch, end.Token);
        foreach (var block in blocks)
        {
            if (block != blocks[0])
                shipper.Offer(block);
            await pipeline.Replicated.WaitForAsync(block.Last, Cancellation);
        }

        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shipping);

        Assert.Equal(blocks.Select(block => block.First), appended);
        Assert.Equal((0L, TimeSpan.Zero), shipper.Measure());
    }
}
