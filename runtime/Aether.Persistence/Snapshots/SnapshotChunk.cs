using System.Buffers.Binary;
using Aether.Persistence.Codec;

namespace Aether.Persistence.Snapshots;

/// <summary>
/// Frame of a chunk; little-endian, as docs/formats/snapshot.md shows it: magic u32, checksum u32 of all that follows,
/// index u32, body length u32, body.
/// </summary>
internal static class SnapshotChunk
{
    public const int HeaderSize = 16;

    private const uint Magic = 0x31435341; // "ASC1"
    private const int CoveredFrom = 8;

    /// <summary>Completes a chunk whose body was written after room for the header.</summary>
    public static ReadOnlyMemory<byte> Close(ByteWriter chunk, int index)
    {
        var bytes = chunk.Written.Span;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], index);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], bytes.Length - HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Crc32C.Of(bytes[CoveredFrom..]));
        return chunk.Written;
    }

    /// <summary>The body of chunk <paramref name="index"/>.</summary>
    /// <exception cref="SnapshotDamagedException">These bytes are not that chunk.</exception>
    public static ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> chunk, int index)
    {
        var bytes = chunk.Span;
        if (bytes.Length < HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != bytes.Length - HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Crc32C.Of(bytes[CoveredFrom..]))
            throw new SnapshotDamagedException($"chunk {index} does not match its checksum.");
        var actual = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        return actual == index
            ? chunk[HeaderSize..]
            : throw new SnapshotDamagedException($"chunk {actual} is in the place of chunk {index}.");
    }
}
