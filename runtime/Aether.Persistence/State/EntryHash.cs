using System.Buffers.Binary;
using System.IO.Hashing;

namespace Aether.Persistence.State;

/// <summary>
/// Hash of a key and its value, in two steps: first the bytes of key and value, which is most of the work and needs no
/// lock, then the version, which is known only under the queue's gate. docs/formats/wal.md, "State digest".
/// </summary>
internal static class EntryHash
{
    private const int HashBytes = 16;

    /// <summary>Hash of a put as the log encodes it: kind, id and value, each after its length.</summary>
    public static UInt128 OfContent(ReadOnlySpan<byte> encodedPut) => XxHash128.HashToUInt128(encodedPut);

    /// <summary>The amount that an entry adds to the digest of the state.</summary>
    public static UInt128 WithVersion(UInt128 content, Sequence version)
    {
        Span<byte> bytes = stackalloc byte[HashBytes + sizeof(ulong)];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, content);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[HashBytes..], version.Value);
        return XxHash128.HashToUInt128(bytes);
    }
}
