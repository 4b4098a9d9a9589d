using Aether.Persistence.Codec;

namespace Aether.Persistence.Wal;

/// <summary>Converts blocks to bytes and back.</summary>
internal static class BlockCodec
{
    /// <summary>
    /// Closes a block whose <paramref name="body"/> was written after room for the header: writes end mark and header.
    /// Returns the block and its checksum.
    /// </summary>
    public static (LogBlock Block, uint Checksum) Close(ByteWriter body, BlockHeader header)
    {
        body.Byte(BlockHeader.EndMark);
        var encoded = body.Written;
        var complete = header with
        {
            BodyLength = encoded.Length - BlockHeader.Size,
            BodyChecksum = Crc32C.Of(encoded.Span[BlockHeader.Size..]),
        };
        var checksum = complete.Write(encoded.Span);
        return (ToBlock(complete, encoded), checksum);
    }

    public static LogBlock ToBlock(BlockHeader header, ReadOnlyMemory<byte> encoded) => new()
    {
        First = header.First,
        Last = header.Last,
        Epoch = header.Epoch,
        WrittenAt = header.WrittenAt,
        Digest = header.Digest,
        Encoded = encoded,
    };

    /// <summary>Whether the body after <paramref name="header"/> matches its checksum.</summary>
    public static bool HasSoundBody(BlockHeader header, ReadOnlySpan<byte> encoded) =>
        encoded.Length == header.BlockLength
        && encoded[^1] == BlockHeader.EndMark
        && Crc32C.Of(encoded[BlockHeader.Size..]) == header.BodyChecksum;
}
