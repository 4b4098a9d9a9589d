using Aether.Persistence.Commits;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Wal;

public sealed class SegmentPreparerTests : IDisposable
{
    private const int SegmentBytes = 4096;

    private readonly SemaphoreSlim _forced = new(0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _forced.Dispose();

    [Fact]
    [Trait("Field", "F10")]
    public async Task Every_segment_begun_on_a_full_volume_forces_a_snapshot_without_time_passing()
    {
        var disk = new SmallDisk(new SimulatedFileSystem(seed: 1), capacity: SegmentBytes * 5 / 2);
        using var world = LogWorld.Open(disk, SegmentBytes);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var preparer = new SegmentPreparer(
            world.Log, () => _forced.Release(), new FakeTimeProvider(), NullLogger<SegmentPreparer>.Instance);
        world.Log.PrepareSpare();
        var running = preparer.RunAsync(over.Token);

        for (var segments = 0; segments < 5; segments++)
        {
            BeginSegment(world);
            await _forced.WaitAsync(Cancellation);
            world.Log.DropThrough(world.State.Sequence);
        }

        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    // Uses the spare, which is the segment that the snapshot forced before has released.
    private static void BeginSegment(LogWorld world)
    {
        while (world.Log.Usage.Segments < 2)
            world.Append(new Commit([Mutation.Put(new StateKey("item", "1"), new byte[SegmentBytes / 4])]));
    }
}
