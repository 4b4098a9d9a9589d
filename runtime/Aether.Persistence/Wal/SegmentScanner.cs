using System.Buffers.Binary;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Wal;

/// <summary>
/// Reads a segment block by block and judges what it finds. A crash can leave one incomplete block, at the very end.
/// Anything else that is not sound is damage. The two must be told apart, because a torn block was never acknowledged,
/// whereas a damaged block may have been. See docs/formats/wal.md, "Torn or damaged".
/// </summary>
internal sealed class SegmentScanner(IFile file, string path)
{
    private const int SectorBytes = 512;
    private const int PieceBytes = 1 << 20;

    private readonly FileWindow _window = new(file);
    private readonly long _footer = file.Length - SegmentFooter.Size;

    /// <summary>
    /// Upper bound for the end of the blocks; less than the footer's offset while the segment is written to.
    /// </summary>
    public long Limit { get; set; } = file.Length - SegmentFooter.Size;

    /// <summary>Bytes of the torn block, once one was found.</summary>
    public long TornBytes { get; private set; }

    public SegmentHeader ReadHeader(UInt128 world)
    {
        // Read no further: the window would keep zeros in place of blocks that the writer adds to a segment in use.
        var bytes = _window.Read(0, SegmentHeader.Size, SegmentHeader.Size);
        if (!SegmentHeader.TryRead(bytes, out var header, out var reason))
            throw new WalCorruptException(path, 0, reason);
        if (header.World != world)
            throw new WalCorruptException(path, 0, "the segment belongs to another world.");
        if (_footer < SegmentHeader.Size)
            throw new WalCorruptException(path, 0, $"the segment has only {file.Length} bytes.");
        return header;
    }

    /// <summary>Reads the footer; null if its place holds only zeros.</summary>
    public SegmentFooter? ReadFooter()
    {
        var bytes = _window.Read(_footer, SegmentFooter.Size, file.Length);
        if (!bytes.ContainsAnyExcept((byte)0))
            return null;
        return SegmentFooter.TryRead(bytes) is { } footer
            && footer.End >= SegmentHeader.Size && footer.End <= _footer
            && footer.Index.All(position => position.Offset >= SegmentHeader.Size && position.Offset < footer.End)
            ? footer
            : throw new WalCorruptException(path, _footer, "the footer of the segment is damaged.");
    }

    /// <summary>Whether the footer is incomplete because its writer died; then it is meaningless.</summary>
    public bool HasTornFooter() =>
        _window.Read(_footer, SegmentFooter.Size, file.Length) is var bytes
        && bytes.ContainsAnyExcept((byte)0)
        && SegmentFooter.TryRead(bytes) is null;

    /// <summary>Reads the block at <paramref name="offset"/>, which must continue <paramref name="end"/>.</summary>
    public ScanStep Read(long offset, LogEnd end, out LogBlock? block, out LogEnd newEnd)
    {
        var step = Read(offset, end, out var header, out var encoded, out newEnd);
        block = step == ScanStep.Block ? BlockCodec.ToBlock(header, encoded.ToArray()) : null;
        return step;
    }

    /// <summary>As the other overload; the bytes of the block are valid until the next call.</summary>
    public ScanStep Read(
        long offset, LogEnd end, out BlockHeader header, out ReadOnlySpan<byte> encoded, out LogEnd newEnd)
    {
        encoded = default;
        newEnd = end;
        var headerBytes = _window.Read(offset, BlockHeader.Size, Limit);
        if (!BlockHeader.TryRead(headerBytes, out header, out var checksum))
            return JudgeWithoutHeader(offset);

        if (offset + header.BlockLength > Limit)
            throw new WalCorruptException(path, offset, "the segment ends within the block.");
        encoded = _window.Read(offset, header.BlockLength, Limit);
        if (!BlockCodec.HasSoundBody(header, encoded))
            return JudgeBody(offset, encoded);
        if (end.WhyNot(header) is { } reason)
            throw new WalCorruptException(path, offset, reason);

        newEnd = LogEnd.After(header, checksum);
        return ScanStep.Block;
    }

    private ScanStep JudgeWithoutHeader(long offset)
    {
        var written = FindEndOfBytes(offset) - offset;
        if (written == 0)
            return ScanStep.End;
        if (written > BlockHeader.MaxBlockBytes)
            throw DamagedHeader(offset);

        // A header is torn if nothing follows it, not even the end mark that every block has, or if a sector of it was
        // never written.
        var rest = new byte[written];
        _ = file.Read(offset, rest);
        var torn = written <= BlockHeader.Size || HasUnwrittenSector(offset, rest);
        if (!torn || HoldsHeader(rest.AsSpan(1)))
            throw DamagedHeader(offset);
        TornBytes = written;
        return ScanStep.Torn;
    }

    private ScanStep JudgeBody(long offset, ReadOnlySpan<byte> encoded)
    {
        var torn = encoded[^1] == 0 || HasUnwrittenSector(offset, encoded);
        if (!torn)
            throw new WalCorruptException(path, offset, "the body of the block does not match its checksum.");
        var end = offset + encoded.Length;
        if (FindEndOfBytes(end) > end)
            throw new WalCorruptException(path, offset, "the block is incomplete, but the log continues after it.");
        TornBytes = end - offset;
        return ScanStep.Torn;
    }

    private WalCorruptException DamagedHeader(long offset) =>
        new(path, offset, "the header of the block is damaged.");

    // Offset after which only zeros follow. Reads in pieces, because the rest of a segment may be larger than the
    // memory.
    private long FindEndOfBytes(long offset)
    {
        var end = offset;
        while (offset < Limit)
        {
            var piece = _window.Read(offset, PieceBytes, Limit);
            if (piece.IsEmpty)
                break;
            if (piece.LastIndexOfAnyExcept((byte)0) is var last and >= 0)
                end = offset + last + 1;
            offset += piece.Length;
        }

        return end;
    }

    // Disks write whole sectors, and before the write the segment held zeros.
    private static bool HasUnwrittenSector(long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var inSector = Math.Min(bytes.Length, SectorBytes - (int)(offset % SectorBytes));
            if (!bytes[..inSector].ContainsAnyExcept((byte)0))
                return true;
            bytes = bytes[inSector..];
            offset += inSector;
        }
        return false;
    }

    private static bool HoldsHeader(ReadOnlySpan<byte> bytes)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, BlockHeader.Magic);
        while (bytes.IndexOf(magic) is var found and >= 0)
        {
            if (BlockHeader.TryRead(bytes[found..], out _, out _))
                return true;
            bytes = bytes[(found + 1)..];
        }
        return false;
    }
}
