using System.Buffers;
using System.IO.Compression;
using Aether.Persistence.Journal;

namespace Aether.Persistence.Stores;

/// <summary>
/// Makes blocks smaller where that pays: where a quarter is saved, which is what PostgreSQL itself asks of a value
/// before it keeps it compressed (pglz), and without trying on and on with a world whose values do not shrink. Not
/// thread-safe.
/// </summary>
internal sealed class BlockCompression
{
    /// <summary>Blocks below this are not worth the time.</summary>
    public const int MinBytes = 1024;

    /// <summary>After a block that did not shrink, so many blocks are stored without trying.</summary>
    public const int RestAfterFailure = 31;

    // The fastest: the block waits for it, and PostgreSQL or the disk for less of it.
    private const int Quality = 1;
    private const int WindowBits = 20;

    private int _rest;

    /// <summary>The block compressed with Brotli; null if it stays as it is.</summary>
    public ReadOnlyMemory<byte>? TryCompress(ReadOnlySpan<byte> block)
    {
        if (block.Length < MinBytes || _rest-- > 0)
            return null;

        var compressed = new byte[block.Length - (block.Length / 4)];
        if (BrotliEncoder.TryCompress(block, compressed, out var written, Quality, WindowBits))
        {
            _rest = 0;
            return compressed.AsMemory(0, written);
        }

        _rest = RestAfterFailure;
        return null;
    }

    /// <summary>
    /// The block of <paramref name="size"/> bytes that <paramref name="compressed"/> was made of; null if it was not.
    /// No more than the largest block is ever allocated.
    /// </summary>
    public static byte[]? TryDecompress(ReadOnlySpan<byte> compressed, int size)
    {
        if (size is < MinBytes or > JournalLimits.MaxBlockBytes)
            return null;
        var block = new byte[size];
        using var decoder = new BrotliDecoder();
        var status = decoder.Decompress(compressed, block, out var read, out var written);
        return status == OperationStatus.Done && read == compressed.Length && written == size ? block : null;
    }
}
