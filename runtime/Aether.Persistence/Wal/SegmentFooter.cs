using System.Buffers.Binary;
using Aether.Persistence.Codec;

namespace Aether.Persistence.Wal;

/// <summary>
/// Last sector of a sealed segment; little-endian, as docs/formats/wal.md shows it. It describes the blocks, so that
/// they need not be read, and its sparse index finds blocks in the middle. It is one sector, so that the disk writes it
/// entirely or not at all.
/// </summary>
internal sealed record SegmentFooter
{
    public const int Size = 512;

    private const uint Magic = 0x31465741; // "AWF1"
    private const int CoveredFrom = 8;
    private const int IndexFrom = 64;
    private const int EntrySize = 16;

    /// <summary>Most entries of an index.</summary>
    public const int MaxEntries = (Size - IndexFrom) / EntrySize;

    public required ulong Blocks { get; init; }

    /// <summary>The last commit, its epoch and the checksum of its block.</summary>
    public required LogEnd Last { get; init; }

    /// <summary>Where the blocks end.</summary>
    public required long End { get; init; }

    public required DateTimeOffset FirstWrittenAt { get; init; }

    public required DateTimeOffset LastWrittenAt { get; init; }

    /// <summary>Positions of some of the blocks.</summary>
    public required IReadOnlyList<BlockPosition> Index { get; init; }

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Blocks);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Last.Last.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Last.Epoch.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], End);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[40..], Last.Checksum ?? LogEnd.NoChecksum);
        BinaryPrimitives.WriteInt32LittleEndian(destination[44..], Index.Count);
        BinaryPrimitives.WriteInt64LittleEndian(destination[48..], LogTime.ToMicroseconds(FirstWrittenAt));
        BinaryPrimitives.WriteInt64LittleEndian(destination[56..], LogTime.ToMicroseconds(LastWrittenAt));
        for (var i = 0; i < Index.Count; i++)
        {
            var entry = destination[(IndexFrom + (i * EntrySize))..];
            BinaryPrimitives.WriteUInt64LittleEndian(entry, Index[i].First.Value);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], Index[i].Offset);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Crc32C.Of(destination[CoveredFrom..Size]));
    }

    /// <summary>Reads a footer; null if the bytes are not one.</summary>
    public static SegmentFooter? TryRead(ReadOnlySpan<byte> source)
    {
        if (source.Length < Size
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) != Crc32C.Of(source[CoveredFrom..Size]))
            return null;

        var count = BinaryPrimitives.ReadInt32LittleEndian(source[44..]);
        if (count is < 0 or > MaxEntries
            || !LogTime.IsTime(BinaryPrimitives.ReadInt64LittleEndian(source[48..]))
            || !LogTime.IsTime(BinaryPrimitives.ReadInt64LittleEndian(source[56..])))
            return null;
        var index = new BlockPosition[count];
        for (var i = 0; i < count; i++)
        {
            var entry = source[(IndexFrom + (i * EntrySize))..];
            index[i] = new BlockPosition(
                new Sequence(BinaryPrimitives.ReadUInt64LittleEndian(entry)),
                BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
        }

        return new SegmentFooter
        {
            Blocks = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            Last = new LogEnd(
                new Sequence(BinaryPrimitives.ReadUInt64LittleEndian(source[16..])),
                new Epoch(BinaryPrimitives.ReadUInt64LittleEndian(source[24..])),
                BinaryPrimitives.ReadUInt32LittleEndian(source[40..])),
            End = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            FirstWrittenAt = LogTime.FromMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(source[48..])),
            LastWrittenAt = LogTime.FromMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(source[56..])),
            Index = index,
        };
    }
}
