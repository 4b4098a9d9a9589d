using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace NATS.NKeys;

/// <summary>A key of NATS: Ed25519 for everyone who signs, X25519 for <see cref="PrefixByte.Curve"/>.</summary>
/// <remarks>Made of a public key alone it verifies and does nothing else.</remarks>
public sealed class KeyPair : IDisposable
{
    private readonly byte[]? _seed;
    private readonly byte[] _publicKey;
    private bool _disposed;

    private KeyPair(PrefixByte prefix, byte[]? seed, byte[] publicKey)
    {
        Prefix = prefix;
        _seed = seed;
        _publicKey = publicKey;
    }

    /// <summary>What the key is for.</summary>
    public PrefixByte Prefix { get; }

    /// <summary>Tells whether <paramref name="publicKey"/> is a public key of this kind.</summary>
    /// <param name="prefix">The kind.</param>
    /// <param name="publicKey">The key's text.</param>
    /// <returns>Whether it is of that kind.</returns>
    /// <exception cref="NKeysException">The text is no public key at all.</exception>
    public static bool IsValidPublicKey(PrefixByte prefix, ReadOnlySpan<char> publicKey)
    {
        KeyText.ReadPublic(publicKey, out var actual);
        return actual == prefix;
    }

    /// <summary>Reads a public key; the result can verify, and be sealed to.</summary>
    /// <param name="publicKey">The key's text.</param>
    /// <returns>The key, without a seed.</returns>
    /// <exception cref="NKeysException">The text is no public key.</exception>
    public static KeyPair FromPublicKey(ReadOnlySpan<char> publicKey)
    {
        var key = KeyText.ReadPublic(publicKey, out var prefix);
        return new KeyPair(prefix, seed: null, key);
    }

    /// <summary>Reads a seed.</summary>
    /// <param name="encodedSeed">The seed's text.</param>
    /// <returns>The whole key.</returns>
    /// <exception cref="NKeysException">The text is no seed.</exception>
    public static KeyPair FromSeed(ReadOnlySpan<char> encodedSeed)
    {
        var seed = KeyText.ReadSeed(encodedSeed, out var prefix);
        return new KeyPair(prefix, seed, PublicKeyOf(prefix, seed));
    }

    /// <summary>Makes a new key.</summary>
    /// <param name="prefix">What it is for.</param>
    /// <returns>The whole key.</returns>
    /// <exception cref="NKeysException">There is no such kind of key.</exception>
    public static KeyPair CreatePair(PrefixByte prefix)
    {
        using var random = RandomNumberGenerator.Create();
        return CreatePair(prefix, random);
    }

    /// <summary>Makes a new key from this randomness.</summary>
    /// <param name="prefix">What it is for.</param>
    /// <param name="rng">Gives the seed.</param>
    /// <returns>The whole key.</returns>
    /// <exception cref="NKeysException">There is no such kind of key.</exception>
    public static KeyPair CreatePair(PrefixByte prefix, RandomNumberGenerator rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        if (!KeyText.IsKnown(prefix))
            throw new NKeysException($"There is no kind of key with prefix {(byte)prefix}.");

        var seed = new byte[KeyText.KeyBytes];
        rng.GetBytes(seed);
        return new KeyPair(prefix, seed, PublicKeyOf(prefix, seed));
    }

    /// <summary>The seed's text. It is the secret.</summary>
    /// <returns>Text that starts with S.</returns>
    /// <exception cref="NKeysException">The key was made of a public key.</exception>
    public string GetSeed() => KeyText.WriteSeed(Prefix, Seed());

    /// <summary>The public key's text.</summary>
    /// <returns>Text that starts with the letter of <see cref="Prefix"/>.</returns>
    public string GetPublicKey()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return KeyText.WritePublic(Prefix, _publicKey);
    }

    /// <summary>Signs a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="signature">Receives 64 bytes.</param>
    /// <exception cref="NKeysException">The key has no seed, or is a curve key.</exception>
    public void Sign(ReadOnlyMemory<byte> message, Memory<byte> signature)
    {
        ThrowIfCurve();
        var bytes = message.ToArray();
        var result = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(Seed(), 0, bytes, 0, bytes.Length, result, 0);
        result.CopyTo(signature);
    }

    /// <summary>Verifies a signature.</summary>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature.</param>
    /// <returns>Whether this key signed exactly this message.</returns>
    /// <exception cref="NKeysException">The key is a curve key.</exception>
    public bool Verify(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfCurve();
        var bytes = message.ToArray();
        return signature.Length == Ed25519.SignatureSize
            && Ed25519.Verify(signature.ToArray(), 0, _publicKey, 0, bytes, 0, bytes.Length);
    }

    /// <summary>Encrypts for one receiver, and proves to it who did.</summary>
    /// <param name="data">What to encrypt.</param>
    /// <param name="receiver">Public curve key of the receiver.</param>
    /// <returns>The sealed bytes, for <see cref="Open"/>.</returns>
    /// <exception cref="NKeysException">This or the receiver's is no curve key, or this one has no seed.</exception>
    public byte[] Seal(byte[] data, string receiver)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(receiver);
        return CurveBox.Seal(data, CurveSeed(), ReadCurveKey(receiver));
    }

    /// <summary>Decrypts what <paramref name="sender"/> sealed for this key.</summary>
    /// <param name="input">The sealed bytes.</param>
    /// <param name="sender">Public curve key of the sender.</param>
    /// <returns>What was sealed.</returns>
    /// <exception cref="NKeysException">
    /// The bytes are not from that sender for this key, or one of the two is no curve key.
    /// </exception>
    public byte[] Open(byte[] input, string sender)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sender);
        return CurveBox.Open(input, CurveSeed(), ReadCurveKey(sender));
    }

    /// <summary>Wipes the seed.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_seed);
    }

    private static byte[] PublicKeyOf(PrefixByte prefix, byte[] seed)
    {
        var key = new byte[KeyText.KeyBytes];
        if (prefix == PrefixByte.Curve)
            X25519.GeneratePublicKey(seed, 0, key, 0);
        else
            Ed25519.GeneratePublicKey(seed, 0, key, 0);
        return key;
    }

    private static byte[] ReadCurveKey(string publicKey)
    {
        var key = KeyText.ReadPublic(publicKey, out var prefix);
        return prefix == PrefixByte.Curve
            ? key
            : throw new NKeysException("Only a curve key, whose text starts with X, can be sealed to or opened from.");
    }

    private byte[] Seed()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _seed ?? throw new NKeysException("The key was made of a public key: it has no seed to sign with.");
    }

    private byte[] CurveSeed() => Prefix == PrefixByte.Curve
        ? Seed()
        : throw new NKeysException("Only a curve key, whose text starts with X, can seal and open.");

    private void ThrowIfCurve()
    {
        if (Prefix == PrefixByte.Curve)
            throw new NKeysException("A curve key neither signs nor verifies.");
    }
}
