using System.Buffers;

namespace Aether.Persistence.Contracts;

/// <summary>
/// The text form of NATS keys: base32 of a fixed length. Check it before NATS.NKeys, or NATS.Net, reads a key from
/// outside: NATS.NKeys accepts a seed that is too long, and throws <see cref="IndexOutOfRangeException"/> or
/// <see cref="ArgumentException"/> for a text that is too short or not base32. After this check it only throws its own
/// exception, for a wrong checksum or another kind of key.
/// </summary>
public static class NatsKeyText
{
    // 32 bytes of key, 2 of checksum, and 2 (seed) or 1 (public key) for the kind, at 5 bits a character.
    private const int SeedLength = 58;
    private const int PublicKeyLength = 56;

    private static readonly SearchValues<char> Base32 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

    /// <summary>Whether a text has the form of a seed.</summary>
    public static bool IsSeed(ReadOnlySpan<char> text) => text.Length == SeedLength && IsBase32(text);

    /// <summary>Whether a text has the form of a public key.</summary>
    public static bool IsPublicKey(ReadOnlySpan<char> text) => text.Length == PublicKeyLength && IsBase32(text);

    private static bool IsBase32(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Base32);
}
