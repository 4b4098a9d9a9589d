using System.Buffers.Binary;
using Aether.Persistence.Codec;
using Aether.Persistence.State;

namespace Aether.Persistence.Wal;

/// <summary>
/// Fixed start of a block; little-endian, as docs/formats/wal.md shows it. A reader verifies the header's checksum
/// before it trusts any other field. The checksum covers the body's checksum, so it identifies the whole block: the
/// next block repeats it.
/// </summary>
internal readonly record struct BlockHeader
{
    public const int Size = 68;

    /// <summary>
    /// Last byte of every block. It is never zero, so a missing mark shows that the block was cut off.
    /// </summary>
    public const byte EndMark = 0xA5;

    /// <summary>Most bytes of a block; larger than any commit, so that each commit fits.</summary>
    public const int MaxBlockBytes = 32 << 20;

    public const uint Magic = 0x31425741; // "AWB1"

    private const int CoveredFrom = 8;

    /// <summary>Bytes after the header, the end mark included.</summary>
    public required int BodyLength { get; init; }

    /// <summary>Checksum of the block before, or 0 at the start of a chain.</summary>
    public required uint Previous { get; init; }

    public required Sequence First { get; init; }

    public required Sequence Last { get; init; }

    public required Epoch Epoch { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    public required StateDigest Digest { get; init; }

    public required uint BodyChecksum { get; init; }

    /// <summary>Bytes of the whole block.</summary>
    public int BlockLength => Size + BodyLength;

    /// <summary>Writes the header and returns the block's checksum.</summary>
    public uint Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], BodyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Previous);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], First.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Last.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], Epoch.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], LogTime.ToMicroseconds(WrittenAt));
        Digest.Write(destination[48..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[64..], BodyChecksum);
        var checksum = Crc32C.Of(destination[CoveredFrom..Size]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], checksum);
        return checksum;
    }

    /// <summary>Reads a header; false if the bytes are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out BlockHeader header, out uint checksum)
    {
        header = default;
        checksum = 0;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
            return false;
        checksum = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (checksum != Crc32C.Of(source[CoveredFrom..Size]))
            return false;
        if (!LogTime.IsTime(BinaryPrimitives.ReadInt64LittleEndian(source[40..])))
            return false;

        header = new BlockHeader
        {
            BodyLength = BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            Previous = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            First = new Sequence(BinaryPrimitives.ReadUInt64LittleEndian(source[16..])),
            Last = new Sequence(BinaryPrimitives.ReadUInt64LittleEndian(source[24..])),
            Epoch = new Epoch(BinaryPrimitives.ReadUInt64LittleEndian(source[32..])),
            WrittenAt = LogTime.FromMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(source[40..])),
            Digest = StateDigest.Read(source[48..]),
            BodyChecksum = BinaryPrimitives.ReadUInt32LittleEndian(source[64..]),
        };
        return header.BodyLength is > 0 and <= MaxBlockBytes - Size && header.First <= header.Last;
    }
}
