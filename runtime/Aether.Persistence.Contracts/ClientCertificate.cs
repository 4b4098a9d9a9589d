using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Aether.Persistence.Contracts;

/// <summary>
/// The certificate that a client presents to a store, and its private key, both as PEM text. Two are equal if their
/// texts are.
/// </summary>
public sealed record ClientCertificate
{
    private ClientCertificate(string chain, string key) => (Chain, Key) = (chain, key);

    /// <summary>The certificate, followed by those of intermediate CAs.</summary>
    public string Chain { get; }

    /// <summary>The private key; <c>ToString</c> omits it.</summary>
    public string Key { get; }

    /// <summary>Start of the certificate's validity.</summary>
    public DateTimeOffset ValidFrom { get; private init; }

    /// <summary>End of the certificate's validity.</summary>
    public DateTimeOffset ValidUntil { get; private init; }

    /// <summary>Reads a certificate and its key.</summary>
    /// <exception cref="InvalidCertificateException">Either cannot be read, or they do not belong together.</exception>
    public static ClientCertificate Parse(string chain, string key)
    {
        if (!CertificateText.TryRead(chain, out _))
            throw new InvalidCertificateException(CertificateFault.NoCertificate);
        using var certificate = OpenLeaf(chain, key);
        return new ClientCertificate(chain, key)
        {
            ValidFrom = certificate.NotBefore.ToUniversalTime(),
            ValidUntil = certificate.NotAfter.ToUniversalTime(),
        };
    }

    /// <summary>The certificate as connections present it, intermediate CAs included.</summary>
    public SslStreamCertificateContext Open()
    {
        CertificateText.TryRead(Chain, out var certificates);
        certificates.RemoveAt(0);
        return SslStreamCertificateContext.Create(OpenLeaf(Chain, Key), certificates, offline: true);
    }

    private static X509Certificate2 OpenLeaf(string chain, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(chain, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            var fault = CertificateText.IsPrivateKey(key) ? CertificateFault.OtherKey : CertificateFault.NoKey;
            throw new InvalidCertificateException(fault, exception);
        }
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"valid from {ValidFrom:u} until {ValidUntil:u}");
        return true;
    }
}
