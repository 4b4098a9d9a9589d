using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace NATS.NKeys;

/// <summary>
/// What curve keys exchange: NaCl's crypto_box (X25519, XSalsa20, Poly1305) under a version mark.
/// Layout: "xkv1", nonce (24 bytes), authenticator (16 bytes), ciphertext.
/// </summary>
internal static class CurveBox
{
    private const int NonceBytes = 24;
    private const int TagBytes = 16;
    private const int KeyBytes = KeyText.KeyBytes;

    private static ReadOnlySpan<byte> Version => "xkv1"u8;

    private static ReadOnlySpan<byte> SalsaConstants => "expand 32-byte k"u8;

    private static ReadOnlySpan<int> DerivedWords => [0, 5, 10, 15, 6, 7, 8, 9];

    private static int OverheadBytes => Version.Length + NonceBytes + TagBytes;

    public static byte[] Seal(byte[] data, byte[] seed, byte[] receiver)
    {
        var sealedBytes = new byte[OverheadBytes + data.Length];
        Version.CopyTo(sealedBytes);
        var nonce = sealedBytes.AsSpan(Version.Length, NonceBytes);
        RandomNumberGenerator.Fill(nonce);

        var cipher = StartCipher(seed, receiver, nonce, out var authenticatorKey);
        cipher.ProcessBytes(data, 0, data.Length, sealedBytes, OverheadBytes);
        Authenticate(authenticatorKey, sealedBytes, sealedBytes, Version.Length + NonceBytes);
        return sealedBytes;
    }

    /// <exception cref="NKeysException">The bytes are not from that sender for this key.</exception>
    public static byte[] Open(byte[] input, byte[] seed, byte[] sender)
    {
        if (input.Length < OverheadBytes || !input.AsSpan().StartsWith(Version))
            throw new NKeysException("The bytes are no sealed message: they do not start with xkv1, or are cut.");

        var cipher = StartCipher(seed, sender, input.AsSpan(Version.Length, NonceBytes), out var authenticatorKey);
        var tag = new byte[TagBytes];
        Authenticate(authenticatorKey, input, tag, 0);
        if (!CryptographicOperations.FixedTimeEquals(tag, input.AsSpan(Version.Length + NonceBytes, TagBytes)))
            throw new NKeysException("The message was not sealed by that sender for this key, or was changed since.");

        var data = new byte[input.Length - OverheadBytes];
        cipher.ProcessBytes(input, OverheadBytes, data.Length, data, 0);
        return data;
    }

    // The stream's first 32 bytes are the authenticator's key, the rest encrypts.
    private static XSalsa20Engine StartCipher(
        byte[] seed, byte[] peer, ReadOnlySpan<byte> nonce, out byte[] authenticatorKey)
    {
        var shared = new byte[KeyBytes];
        if (!X25519.CalculateAgreement(seed, 0, peer, 0, shared, 0))
            throw new NKeysException("The other side's public key is of small order: it keeps nothing secret.");

        var key = Derive(shared);
        var cipher = new XSalsa20Engine();
        cipher.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(key), nonce.ToArray()));
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(key);

        authenticatorKey = new byte[KeyBytes];
        cipher.ProcessBytes(new byte[KeyBytes], 0, KeyBytes, authenticatorKey, 0);
        return cipher;
    }

    // HSalsa20 of a zero nonce. The library does not offer it, but it is Salsa20's first block without the final
    // addition of the input, at the words whose input is known: the constants (0, 5, 10, 15), and nonce and counter
    // (6 to 9), which are zero.
    private static byte[] Derive(byte[] shared)
    {
        const int blockBytes = 64;
        var block = new byte[blockBytes];
        var salsa = new Salsa20Engine();
        salsa.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(shared), new byte[8]));
        salsa.ProcessBytes(new byte[blockBytes], 0, blockBytes, block, 0);

        var key = new byte[KeyBytes];
        for (var i = 0; i < DerivedWords.Length; i++)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(DerivedWords[i] * sizeof(uint)));
            if (i * sizeof(uint) < SalsaConstants.Length)
                word -= BinaryPrimitives.ReadUInt32LittleEndian(SalsaConstants[(i * sizeof(uint))..]);
            BinaryPrimitives.WriteUInt32LittleEndian(key.AsSpan(i * sizeof(uint)), word);
        }

        CryptographicOperations.ZeroMemory(block);
        return key;
    }

    private static void Authenticate(byte[] key, byte[] message, byte[] target, int offset)
    {
        var mac = new Poly1305();
        mac.Init(new KeyParameter(key));
        mac.BlockUpdate(message, OverheadBytes, message.Length - OverheadBytes);
        mac.DoFinal(target, offset);
        CryptographicOperations.ZeroMemory(key);
    }
}
