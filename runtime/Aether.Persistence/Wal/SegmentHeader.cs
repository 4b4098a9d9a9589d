using System.Buffers.Binary;
using Aether.Persistence.Codec;

namespace Aether.Persistence.Wal;

/// <summary>Fixed start of a segment; little-endian, as docs/formats/wal.md shows it.</summary>
internal readonly record struct SegmentHeader
{
    public const int Size = 64;
    public const int Version = 1;

    private const uint Magic = 0x31535741; // "AWS1"
    private const int CoveredFrom = 8;

    /// <summary>Checksum of the block before the segment's first, or 0 at the start of a chain.</summary>
    public required uint Previous { get; init; }

    public required UInt128 World { get; init; }

    public required Epoch Epoch { get; init; }

    /// <summary>Sequence of the first commit the segment will hold.</summary>
    public required Sequence First { get; init; }

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Previous);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[16..], World);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], Epoch.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], First.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Crc32C.Of(destination[CoveredFrom..Size]));
    }

    /// <summary>Whether these bytes are an undamaged header, of any version.</summary>
    public static bool IsSound(ReadOnlySpan<byte> source) =>
        source.Length >= Size
        && BinaryPrimitives.ReadUInt32LittleEndian(source) == Magic
        && BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) == Crc32C.Of(source[CoveredFrom..Size]);

    /// <summary>Reads a header; if the bytes are not one, says why.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header, out string reason)
    {
        header = default;
        reason = "the header of the segment is damaged.";
        if (!IsSound(source))
            return false;

        var version = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        if (version != Version)
        {
            reason = $"the segment has format version {version}, but this agent reads version {Version}.";
            return false;
        }
        header = new SegmentHeader
        {
            Previous = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            World = BinaryPrimitives.ReadUInt128LittleEndian(source[16..]),
            Epoch = new Epoch(BinaryPrimitives.ReadUInt64LittleEndian(source[32..])),
            First = new Sequence(BinaryPrimitives.ReadUInt64LittleEndian(source[40..])),
        };
        return true;
    }
}
