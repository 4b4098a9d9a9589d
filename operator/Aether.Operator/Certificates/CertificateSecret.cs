using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;

namespace Aether.Operator.Certificates;

/// <summary>The format of the certificates in their Secret: PEM, with the newest authority first.</summary>
internal static class CertificateSecret
{
    private const string AuthoritiesKey = "ca.crt";
    private const string AuthorityKeysKey = "ca.key";
    private const string ServingKey = "tls.crt";
    private const string ServingKeyKey = "tls.key";
    private const string KeyLabel = "PRIVATE KEY";

    /// <summary>Writes the certificates into the Secret and keeps its other keys.</summary>
    public static void Write(V1Secret secret, ServingCertificates certificates)
    {
        secret.Data ??= new Dictionary<string, byte[]>();
        secret.Data[AuthoritiesKey] = certificates.Bundle;
        secret.Data[AuthorityKeysKey] = Encoding.ASCII.GetBytes(
            string.Concat(certificates.Authorities.Select(authority => KeyOf(authority.Certificate))));
        secret.Data[ServingKey] = Encoding.ASCII.GetBytes(certificates.Serving.ExportCertificatePem() + "\n");
        secret.Data[ServingKeyKey] = Encoding.ASCII.GetBytes(KeyOf(certificates.Serving));
    }

    /// <summary>Reads the certificates; false if a part is missing or malformed, or the parts do not match.</summary>
    public static bool TryRead(V1Secret secret, [NotNullWhen(true)] out ServingCertificates? certificates)
    {
        certificates = null;
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(Text(secret, AuthoritiesKey));
            var keys = Keys(Text(secret, AuthorityKeysKey)).ToList();
            if (authorities.Count == 0 || authorities.Count != keys.Count)
                return false;

            certificates = new ServingCertificates(
                [.. authorities.Zip(keys, WithKey).Select(authority => new Authority(authority))],
                X509Certificate2.CreateFromPem(Text(secret, ServingKey), Text(secret, ServingKeyKey)));
            return true;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string key) =>
        X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);

    private static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()
            ?? throw new InvalidOperationException("The certificate has no private key.");
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static ImmutableArray<string> Keys(string text)
    {
        var keys = ImmutableArray.CreateBuilder<string>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label].SequenceEqual(KeyLabel))
                keys.Add(rest[fields.Location].ToString());
            rest = rest[fields.Location.End..];
        }

        return keys.ToImmutable();
    }

    private static string Text(V1Secret secret, string key) =>
        secret.Data?.TryGetValue(key, out var value) == true ? Encoding.ASCII.GetString(value) : "";
}
