using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Fuzzing;

/// <summary>Flips every bit of a log: the log is refused, or the recovered state is the written one.</summary>
[Trait("Kind", "Long")]
public sealed class BitFlipTests
{
    private const int SegmentBytes = 4096;
    private const int Allocated = 1 << 20;

    private readonly SimulatedFileSystem _files = new(seed: 1);
    private readonly string[] _segments;
    private readonly int[] _ends;
    private readonly (Sequence, StateDigest) _written;

    public BitFlipTests()
    {
        using (var world = LogWorld.Open(_files))
            world.AppendSamples(blocks: 14);
        using (var world = LogWorld.Open(_files))
            world.AppendSamples(blocks: 5);
        _segments = [.. _files.Paths.Where(path => path.EndsWith(Segment.Extension, StringComparison.Ordinal))];
        _ends = [.. _segments.Select(EndOf)];
        using var reopened = LogWorld.Open(_files.Clone(seed: 1));
        _written = (reopened.State.Sequence, reopened.State.Store.Digest);
    }

    [Fact]
    public void Flipped_bit_in_a_sealed_segment_is_noticed_except_in_its_unread_zeros()
    {
        var footer = SegmentBytes - SegmentFooter.Size;

        Assert.True(_segments.Length > 2);
        ForEachBit(_segments[0], 0, _ends[0], Refused);
        ForEachBit(_segments[0], _ends[0], footer, Unharmed);
        ForEachBit(_segments[0], footer, SegmentBytes, Refused);
    }

    [Fact]
    public void Flipped_bit_in_the_last_segment_never_changes_the_recovered_state()
    {
        var footer = SegmentBytes - SegmentFooter.Size;
        var last = _segments.Length - 1;

        ForEachBit(_segments[last], 0, _ends[last], Refused);
        ForEachBit(_segments[last], _ends[last], footer, RefusedOrUnharmed);
        ForEachBit(_segments[last], footer, SegmentBytes, Unharmed);
    }

    private static void Refused(bool refused, string where) => Assert.True(refused, $"{where} went unnoticed.");

    private static void Unharmed(bool refused, string where) => Assert.False(refused, $"{where} is refused.");

    private static void RefusedOrUnharmed(bool refused, string where)
    {
    }

    private int EndOf(string path)
    {
        var end = 0;
        _files.Clone(seed: 1).Damage(path, content =>
        {
            end = SegmentHeader.Size;
            while (BlockHeader.TryRead(content.Span[end..], out var header, out _))
                end += header.BlockLength;
        });
        return end;
    }

    private void ForEachBit(string path, int from, int to, Action<bool, string> judge) => Parallel.For(
        from,
        to,
        new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
        offset =>
        {
            for (var bit = 0; bit < 8; bit++)
                judge(IsRefused(path, offset, bit), $"Bit {bit} of byte {offset} of {path}");
        });

    private bool IsRefused(string path, int offset, int bit)
    {
        var files = _files.Clone(seed: offset);
        files.Damage(path, content => content.Span[offset] ^= (byte)(1 << bit));
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var world = LogWorld.Open(files);
            Assert.Equal(_written, (world.State.Sequence, world.State.Store.Digest));
            return false;
        }
        catch (Exception exception) when (exception is WalCorruptException or RecoveryException)
        {
            return true;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Allocated);
        }
    }
}
