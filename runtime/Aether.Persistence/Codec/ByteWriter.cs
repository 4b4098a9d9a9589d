using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aether.Persistence.Codec;

/// <summary>A growing buffer that the formats are written into, little-endian.</summary>
internal sealed class ByteWriter(int capacity, EngineMemory? memory = null)
{
    private readonly EngineMemory _memory = memory ?? EngineMemory.OfProcess;
    private byte[] _buffer = (memory ?? EngineMemory.OfProcess).Array<byte>(capacity);

    public int Length { get; private set; }

    public int Capacity => _buffer.Length;

    public Memory<byte> Written => _buffer.AsMemory(0, Length);

    /// <summary>The same as <see cref="Written"/>.</summary>
    public Span<byte> Span => _buffer.AsSpan(0, Length);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(sizeof(ushort)), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(sizeof(long)), value);

    public void UInt128(UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(Reserve(16), value);

    /// <summary>Writes a text of at most 65,535 bytes of UTF-8, after its u16 length.</summary>
    public void Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        UInt16(checked((ushort)length));
        Encoding.UTF8.GetBytes(text, Reserve(length));
    }

    /// <summary>Writes a text of at most 65,535 bytes of UTF-8, after its u16 length.</summary>
    public void Text(ReadOnlySpan<byte> encoded)
    {
        UInt16(checked((ushort)encoded.Length));
        Raw(encoded);
    }

    /// <summary>Writes bytes after their u32 length.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        UInt32((uint)bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
    }

    /// <summary>Writes bytes without a length.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Appends <paramref name="count"/> bytes for the caller to fill.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count)
            Grow(count);
        var reserved = _buffer.AsSpan(Length, count);
        Length += count;
        return reserved;
    }

    /// <summary>Grows if needed, so that the next <paramref name="count"/> bytes allocate nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureRoom(int count)
    {
        if (_buffer.Length - Length < count)
            Grow(count);
    }

    /// <summary>Removes the last <paramref name="count"/> reserved bytes.</summary>
    public void Shrink(int count) => Length -= count;

    /// <summary>Clears the buffer, and releases its memory if it is larger than <paramref name="kept"/>.</summary>
    public void ClearAndTrim(int kept)
    {
        Length = 0;
        if (_buffer.Length > kept)
            _buffer = [];
    }

    /// <summary>Clears the buffer and keeps its memory.</summary>
    public void Clear() => Length = 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        var larger = _memory.Array<byte>(Math.Max(_buffer.Length * 2, Length + count));
        Span.CopyTo(larger);
        _buffer = larger;
    }
}
