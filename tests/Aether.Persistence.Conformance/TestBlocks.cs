using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Conformance;

/// <summary>Blocks from a store's point of view: a header to index, and opaque bytes.</summary>
public static class TestBlocks
{
    public static readonly DateTimeOffset WrittenAt = new(2026, 1, 31, 12, 0, 0, 123, TimeSpan.Zero);

    public static LogBlock Block(ulong first, ulong last, ulong epoch = 1, int size = 300)
    {
        var bytes = new byte[size];
        new Random((int)(first + (epoch * 7919))).NextBytes(bytes);
        return new LogBlock
        {
            First = new Sequence(first),
            Last = new Sequence(last),
            Epoch = new Epoch(epoch),
            WrittenAt = WrittenAt.AddSeconds(last),
            Digest = new StateDigest(UInt128.MaxValue - last),
            Encoded = bytes,
        };
    }

    /// <summary>A block of one commit with compressible bytes.</summary>
    public static LogBlock Repetitive(ulong sequence, int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
            bytes[i] = (byte)(i % 7);
        return Block(sequence, sequence) with { Encoded = bytes };
    }

    public static async Task<List<LogBlock>> CollectAsync(IAsyncEnumerable<LogBlock> blocks)
    {
        var collected = new List<LogBlock>();
        await foreach (var block in blocks)
            collected.Add(block);
        return collected;
    }

    public static void AssertSame(IReadOnlyList<LogBlock> expected, IReadOnlyList<LogBlock> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (left, right) in expected.Zip(actual))
        {
            Assert.Equal(left with { Encoded = default }, right with { Encoded = default });
            Assert.Equal(left.Encoded.ToArray(), right.Encoded.ToArray());
        }
    }
}
