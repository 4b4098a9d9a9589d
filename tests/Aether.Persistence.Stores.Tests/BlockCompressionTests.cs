using Aether.Persistence.Journal;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests;

[Trait("Kind", "Unit")]
public sealed class BlockCompressionTests
{
    [Fact]
    public void A_compressed_block_decompresses_to_the_original()
    {
        var block = Repetitive(1, 100_000).Encoded;

        var compressed = new BlockCompression().TryCompress(block.Span);

        Assert.NotNull(compressed);
        Assert.InRange(compressed.Value.Length, 1, block.Length / 8);
        Assert.Equal(block.ToArray(), BlockCompression.TryDecompress(compressed.Value.Span, block.Length));
    }

    [Fact]
    public void A_small_block_is_not_compressed()
    {
        var block = Repetitive(1, BlockCompression.MinBytes - 1).Encoded;

        Assert.Null(new BlockCompression().TryCompress(block.Span));
    }

    [Fact]
    public void Compression_skips_some_blocks_after_one_that_did_not_shrink()
    {
        var compression = new BlockCompression();
        var random = Block(1, 1, size: 100_000).Encoded;
        var repetitive = Repetitive(1, 100_000).Encoded;

        var failed = compression.TryCompress(random.Span);
        var resting = Enumerable.Range(0, BlockCompression.RestAfterFailure)
            .Select(_ => compression.TryCompress(repetitive.Span)).ToList();
        var again = Enumerable.Range(0, 3).Select(_ => compression.TryCompress(repetitive.Span)).ToList();

        Assert.Null(failed);
        Assert.All(resting, Assert.Null);
        Assert.All(again, compressed => Assert.NotNull(compressed));
    }

    [Theory]
    [InlineData(99_999)]
    [InlineData(100_001)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(JournalLimits.MaxBlockBytes + 1)]
    [InlineData(int.MaxValue)]
    public void Compressed_block_of_another_size_is_not_decompressed(int size)
    {
        var compressed = new BlockCompression().TryCompress(Repetitive(1, 100_000).Encoded.Span);

        Assert.Null(BlockCompression.TryDecompress(compressed!.Value.Span, size));
    }

    [Fact]
    public void Bytes_that_are_not_a_compressed_block_are_not_decompressed()
    {
        Assert.Null(BlockCompression.TryDecompress(Block(1, 1, size: 5000).Encoded.Span, 5000));
        Assert.Null(BlockCompression.TryDecompress([], 5000));
    }

    [Fact]
    public void Bytes_after_the_end_of_a_compressed_block_are_damage()
    {
        var compressed = new BlockCompression().TryCompress(Repetitive(1, 100_000).Encoded.Span)!.Value.ToArray();

        Assert.Null(BlockCompression.TryDecompress([.. compressed, 0], 100_000));
    }
}
