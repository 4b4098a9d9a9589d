using Aether.Persistence.Commits;
using Aether.Persistence.Tests.Simulation;

namespace Aether.Persistence.Tests.Wal;

public sealed class SegmentFilesTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void Segment_that_could_not_be_prepared_takes_no_room_from_the_needed_segment()
    {
        var disk = new SmallDisk(new SimulatedFileSystem(seed: 1), capacity: 5 * Mebibyte / 2);
        using var world = LogWorld.Open(disk, segmentBytes: 2 * Mebibyte);

        Assert.Throws<IOException>(world.Log.PrepareSpare);
        for (var i = 0; i < 2; i++)
            world.Append(new Commit([Mutation.Put(new StateKey("item", $"{i}"), new byte[Mebibyte / 2])]));

        Assert.Equal(2, world.Log.Usage.Segments);
    }
}
