using System.Buffers.Binary;

namespace Aether.Persistence.State;

/// <summary>
/// A key and its value in a slab. Layout: slot i32, size i32 of the whole record, encoded key, value, and unused bytes
/// so that a value of nearly the same length can overwrite this one.
/// </summary>
internal static class SlabRecord
{
    public const int HeaderSize = 2 * sizeof(int);

    private const int Granule = 16;

    /// <summary>Size of a record.</summary>
    public static int SizeOf(int keyLength, int valueLength) =>
        (HeaderSize + keyLength + valueLength + Granule - 1) & -Granule;

    public static void Write(Span<byte> record, int slot, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, slot);
        BinaryPrimitives.WriteInt32LittleEndian(record[sizeof(int)..], record.Length);
        key.CopyTo(record[HeaderSize..]);
        value.CopyTo(record[(HeaderSize + key.Length)..]);
    }

    /// <summary>The slot that the record belongs or belonged to, and its size.</summary>
    public static (int Slot, int Size) Read(ReadOnlySpan<byte> record) =>
        (BinaryPrimitives.ReadInt32LittleEndian(record), BinaryPrimitives.ReadInt32LittleEndian(record[sizeof(int)..]));
}
