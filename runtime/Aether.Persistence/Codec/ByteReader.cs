using System.Buffers.Binary;

namespace Aether.Persistence.Codec;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote, from <paramref name="start"/> on. The bytes matched their checksum, so
/// too few of them means a defect.
/// </summary>
/// <exception cref="InvalidDataException">Thrown by every member that finds fewer bytes than it needs.</exception>
internal ref struct ByteReader(ReadOnlySpan<byte> source, int start = 0)
{
    private readonly ReadOnlySpan<byte> _source = source;

    /// <summary>Offset of the next byte in the source.</summary>
    public int Position { get; private set; } = start;

    public readonly int Remaining => _source.Length - Position;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public UInt128 UInt128() => BinaryPrimitives.ReadUInt128LittleEndian(Take(16));

    /// <summary>Reads a text as UTF-8.</summary>
    public ReadOnlySpan<byte> Text() => Take(UInt16());

    public ReadOnlySpan<byte> Bytes() => Take(UInt32());

    private ReadOnlySpan<byte> Take(uint count)
    {
        if ((uint)Remaining < count)
            throw new InvalidDataException($"{count} bytes were expected, {Remaining} are left.");
        var taken = _source.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }
}
