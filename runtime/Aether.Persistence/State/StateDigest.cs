using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Aether.Persistence.State;

/// <summary>
/// Order-independent 128-bit hash of a whole state: the sum, modulo 2^128, of one hash per entry. Adding or removing an
/// entry takes constant time, so each mutation updates the digest. Two states are equal exactly if their digests are,
/// except with a probability of about 2^-128. (Additive multiset hashing: Clarke et al., ASIACRYPT 2003. With a
/// non-cryptographic hash it protects against mistakes, not against forgery.)
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StateDigest(UInt128 Value)
{
    /// <summary>Bytes of an encoded digest.</summary>
    public const int Size = 16;

    /// <summary>Digest of the empty state.</summary>
    public static readonly StateDigest Empty;

    /// <summary>Reads a digest from its <see cref="Size"/> little-endian bytes.</summary>
    public static StateDigest Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt128LittleEndian(source));

    /// <summary>Writes the <see cref="Size"/> bytes of this digest, little-endian.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128LittleEndian(destination, Value);

    /// <summary>This digest with the hash of one more entry.</summary>
    public StateDigest With(UInt128 entryHash) => new(unchecked(Value + entryHash));

    /// <summary>This digest without the hash of one of its entries.</summary>
    public StateDigest Without(UInt128 entryHash) => new(unchecked(Value - entryHash));

    /// <inheritdoc />
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
