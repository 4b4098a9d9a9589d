using System.Buffers.Binary;
using Aether.Persistence.Codec;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Tests.Fuzzing;

/// <summary>
/// Corrupts sound bytes, and gives them matching checksums, so that the corruption is also met after the checksums.
/// </summary>
internal static class Mutations
{
    private static readonly long[] Interesting =
    [
        0, 1, -1, 67, 68, 69, 512, 4096, 32 << 20, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue,
        long.MinValue, 253_402_300_800_000_000,
    ];

    /// <summary>
    /// A changed copy: some bytes or numbers replaced, a range moved, the end cut off, or everything random.
    /// </summary>
    public static byte[] Mutate(ReadOnlySpan<byte> original, Random random)
    {
        var bytes = original.ToArray();
        for (var changes = random.Next(1, 6); changes > 0 && bytes.Length > 8; changes--)
        {
            var at = random.Next(bytes.Length - 8);
            switch (random.Next(7))
            {
                case 0 or 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    BinaryPrimitives.WriteInt64LittleEndian(
                        bytes.AsSpan(at), Interesting[random.Next(Interesting.Length)]);
                    break;
                case 3:
                    BinaryPrimitives.WriteInt32LittleEndian(
                        bytes.AsSpan(at), (int)Interesting[random.Next(Interesting.Length)]);
                    break;
                case 4:
                    random.NextBytes(bytes.AsSpan(at, random.Next(1, 8)));
                    break;
                case 5:
                    var length = random.Next(1, bytes.Length - at);
                    bytes.AsSpan(at, length).CopyTo(bytes.AsSpan(random.Next(bytes.Length - length)));
                    break;
                default:
                    if (random.Next(8) == 0)
                        bytes = bytes[..at];
                    break;
            }
        }

        if (random.Next(50) == 0)
            random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Gives every header, body and footer of a segment its correct checksum.</summary>
    public static void ResealSegment(Span<byte> segment)
    {
        if (segment.Length < SegmentHeader.Size)
            return;
        Seal(segment[..SegmentHeader.Size], 4, 8);
        for (var offset = SegmentHeader.Size; offset + BlockHeader.Size < segment.Length;)
            offset += ResealBlock(segment[offset..]);
        if (segment.Length >= SegmentHeader.Size + SegmentFooter.Size)
            Seal(segment[^SegmentFooter.Size..], 4, 8);
    }

    /// <summary>As for a segment; returns the block's own length if the bytes reach that far, else all.</summary>
    public static int ResealBlock(Span<byte> block)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(block[8..]);
        if (length <= 0 || length > block.Length - BlockHeader.Size)
            length = block.Length - BlockHeader.Size;
        var body = block.Slice(BlockHeader.Size, length);
        body[^1] = BlockHeader.EndMark;
        BinaryPrimitives.WriteUInt32LittleEndian(block[64..], Crc32C.Of(body));
        Seal(block[..BlockHeader.Size], 4, 8);
        return BlockHeader.Size + length;
    }

    /// <summary>As for a segment.</summary>
    public static void ResealChunk(Span<byte> chunk)
    {
        if (chunk.Length < SnapshotChunk.HeaderSize)
            return;
        BinaryPrimitives.WriteInt32LittleEndian(chunk[12..], chunk.Length - SnapshotChunk.HeaderSize);
        Seal(chunk, 4, 8);
    }

    private static void Seal(Span<byte> bytes, int checksumAt, int from) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[checksumAt..], Crc32C.Of(bytes[from..]));
}
