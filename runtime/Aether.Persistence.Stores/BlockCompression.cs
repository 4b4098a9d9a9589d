using System.Buffers;
using System.IO.Compression;
using Aether.Persistence.Journal;

namespace Aether.Persistence.Stores;

/// <summary>
/// Compresses blocks if that saves a quarter, which PostgreSQL itself requires before it keeps a value compressed
/// (pglz). After a block that does not shrink it pauses, so that a world with incompressible values costs little. Not
/// thread-safe.
/// </summary>
internal sealed class BlockCompression
{
    /// <summary>Smaller blocks are not worth the time.</summary>
    public const int MinBytes = 1024;

    /// <summary>Number of blocks that are stored without an attempt after a block that did not shrink.</summary>
    public const int RestAfterFailure = 31;

    // The fastest level: the block waits for the compression, and PostgreSQL or the disk then waits for fewer bytes.
    private const int Quality = 1;
    private const int WindowBits = 20;

    private int _rest;

    /// <summary>The block compressed with Brotli; null if it should be stored as it is.</summary>
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
    /// Restores the block of <paramref name="size"/> bytes from <paramref name="compressed"/>; null if the bytes are
    /// not such a block. Never allocates more than the largest block.
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
