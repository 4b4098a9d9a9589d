using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NATS.NKeys;

/// <summary>
/// How keys are written. Layout before base32: prefix (1 byte in a public key, 2 in a seed), 32 bytes of key,
/// CRC-16 of all that (little-endian). A seed's two prefix bytes hold 5 bits "seed", 8 bits of the key's own prefix and
/// 3 zero bits, so that its text starts with S and then with the letter of its kind.
/// </summary>
internal static class KeyText
{
    public const int KeyBytes = 32;

    private const int ChecksumBytes = sizeof(ushort);
    private const int PublicBytes = 1 + KeyBytes + ChecksumBytes;
    private const int SeedBytes = 2 + KeyBytes + ChecksumBytes;
    private const ushort SeedMark = 18 << 11;
    private const int SeedPrefixShift = 3;

    public static string WritePublic(PrefixByte prefix, ReadOnlySpan<byte> key)
    {
        Span<byte> bytes = stackalloc byte[PublicBytes];
        bytes[0] = (byte)prefix;
        key.CopyTo(bytes[1..]);
        return Seal(bytes);
    }

    public static string WriteSeed(PrefixByte prefix, ReadOnlySpan<byte> seed)
    {
        Span<byte> bytes = stackalloc byte[SeedBytes];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(SeedMark | ((byte)prefix << SeedPrefixShift)));
        seed.CopyTo(bytes[2..]);
        var text = Seal(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    /// <exception cref="NKeysException">The text is no public key.</exception>
    public static byte[] ReadPublic(ReadOnlySpan<char> text, out PrefixByte prefix)
    {
        Span<byte> bytes = stackalloc byte[PublicBytes];
        Open(text, bytes, "public key");
        prefix = (PrefixByte)bytes[0];
        return IsKnown(prefix)
            ? bytes.Slice(1, KeyBytes).ToArray()
            : throw new NKeysException("The text is no public key: its first letter is none of A, C, N, O, U and X.");
    }

    /// <exception cref="NKeysException">The text is no seed.</exception>
    public static byte[] ReadSeed(ReadOnlySpan<char> text, out PrefixByte prefix)
    {
        Span<byte> bytes = stackalloc byte[SeedBytes];
        try
        {
            Open(text, bytes, "seed");
            var head = BinaryPrimitives.ReadUInt16BigEndian(bytes);
            prefix = (PrefixByte)(byte)(head >> SeedPrefixShift);
            if (head != (SeedMark | ((byte)prefix << SeedPrefixShift)))
                throw new NKeysException("The text is no seed: a seed starts with S.");
            if (!IsKnown(prefix))
                throw new NKeysException("The text is no seed: its second letter is none of A, C, N, O, U and X.");
            return bytes.Slice(2, KeyBytes).ToArray();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public static bool IsKnown(PrefixByte prefix) =>
        prefix is PrefixByte.Account or PrefixByte.Cluster or PrefixByte.Server
            or PrefixByte.Operator or PrefixByte.User or PrefixByte.Curve;

    private static string Seal(Span<byte> bytes)
    {
        var body = bytes[..^ChecksumBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[^ChecksumBytes..], Crc16.Compute(body));

        Span<char> text = stackalloc char[Base32.GetEncodedLength(bytes)];
        Base32.ToBase32(bytes, text);
        return new string(text);
    }

    private static void Open(ReadOnlySpan<char> text, Span<byte> bytes, string what)
    {
        var expected = Base32.GetEncodedLength(bytes);
        if (text.Length != expected)
            throw new NKeysException($"The text is no {what}: it has {text.Length} characters, not {expected}.");

        try
        {
            if (Base32.FromBase32(text, bytes) != bytes.Length)
                throw new NKeysException($"The text is no {what}: it is padded.");
        }
        catch (ArgumentException error)
        {
            throw new NKeysException($"The text is no {what}: it is not base32.", error);
        }

        var checksum = BinaryPrimitives.ReadUInt16LittleEndian(bytes[^ChecksumBytes..]);
        if (checksum != Crc16.Compute(bytes[..^ChecksumBytes]))
            throw new NKeysException($"The text is no {what}: its checksum is wrong. Was it cut or mistyped?");
    }
}
