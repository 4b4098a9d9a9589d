using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NATS.NKeys;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>NATS' variant of JWT, version 2: signed with an nkey, with the hash of the claims as their id.</summary>
internal static class NatsJwt
{
    private const string Header = """{"typ":"JWT","alg":"ed25519-nkey"}""";
    private const int SignatureBytes = 64;

    /// <summary>Signs claims of <paramref name="signer"/> about <paramref name="subject"/>.</summary>
    /// <param name="signer">The key pair that issues the claims.</param>
    /// <param name="subject">The public key that the claims are about.</param>
    /// <param name="name">A name for users.</param>
    /// <param name="issuedAt">The issue time; the same arguments give the same token.</param>
    /// <param name="writeClaims">Writes the properties of the object <c>nats</c>.</param>
    public static string Sign(
        KeyPair signer, string subject, string name, DateTimeOffset issuedAt, Action<Utf8JsonWriter> writeClaims)
    {
        var unidentified = Write(identifier: "");
        var claims = Write(Identify(unidentified));
        var body = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header))}.{Base64Url.EncodeToString(claims)}";

        var signature = new byte[SignatureBytes];
        signer.Sign(Encoding.ASCII.GetBytes(body), signature);
        return $"{body}.{Base64Url.EncodeToString(signature)}";

        byte[] Write(string identifier)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteString("jti", identifier);
                json.WriteNumber("iat", issuedAt.ToUnixTimeSeconds());
                json.WriteString("iss", signer.GetPublicKey());
                json.WriteString("name", name);
                json.WriteString("sub", subject);
                json.WriteStartObject("nats");
                writeClaims(json);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            return buffer.WrittenSpan.ToArray();
        }
    }

    private static string Identify(byte[] claims)
    {
        var hash = SHA256.HashData(claims);
        var text = new char[Base32.GetEncodedLength(hash)];
        Base32.ToBase32(hash, text);
        return new string(text);
    }
}
