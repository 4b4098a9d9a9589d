using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Unicode;

namespace Aether.Persistence.State;

/// <summary>
/// A key as log, snapshots and state hold it: kind and id as UTF-8, each after its u16 length. Two keys are equal
/// exactly if these bytes are.
/// </summary>
internal static class EncodedKey
{
    /// <summary>Most bytes of an encoded key.</summary>
    public const int MaxBytes = 2 * (sizeof(ushort) + StateKey.MaxPartBytes);

    // Players may choose ids, so a random seed keeps them from finding ids that collide.
    private static readonly long Seed = Random.Shared.NextInt64();

    /// <summary>Hash of a key, for tables in this process only.</summary>
    public static uint Hash(ReadOnlySpan<byte> encoded) => (uint)XxHash3.HashToUInt64(encoded, Seed);

    /// <summary>
    /// Encodes a key into <paramref name="destination"/> of <see cref="MaxBytes"/>; returns false if no commit could
    /// hold the key.
    /// </summary>
    public static bool TryEncode(StateKey key, Span<byte> destination, out int length)
    {
        length = 0;
        return TryEncode(key.Kind, destination, ref length) && TryEncode(key.Id, destination, ref length);
    }

    public static StateKey Decode(ReadOnlySpan<byte> encoded) => new(DecodeKind(encoded), DecodeId(encoded));

    public static string DecodeKind(ReadOnlySpan<byte> encoded) => Encoding.UTF8.GetString(Kind(encoded));

    public static string DecodeId(ReadOnlySpan<byte> encoded) => Encoding.UTF8.GetString(Id(encoded));

    public static ReadOnlySpan<byte> Kind(ReadOnlySpan<byte> encoded) =>
        encoded.Slice(sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(encoded));

    public static ReadOnlySpan<byte> Id(ReadOnlySpan<byte> encoded) =>
        encoded[((2 * sizeof(ushort)) + BinaryPrimitives.ReadUInt16LittleEndian(encoded))..];

    /// <summary>Order of keys: by kind, then by id, each by its bytes, which is the order of code points.</summary>
    public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var kind = Kind(x).SequenceCompareTo(Kind(y));
        return kind != 0 ? kind : Id(x).SequenceCompareTo(Id(y));
    }

    /// <summary>Number of bytes of kind and id.</summary>
    public static int TextBytes(int encodedLength) => encodedLength - (2 * sizeof(ushort));

    private static bool TryEncode(string? text, Span<byte> destination, ref int length)
    {
        var room = destination.Slice(length + sizeof(ushort), StateKey.MaxPartBytes);
        if (Utf8.FromUtf16(text, room, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
            return false;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[length..], (ushort)written);
        length += sizeof(ushort) + written;
        return true;
    }
}
