using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aether.Operator.Certificates;

/// <summary>The operator's own certificate authority, which can issue only serving certificates.</summary>
internal sealed class Authority
{
    private const int SerialNumberBytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>
    /// Certificates are valid from this long before their creation, for API servers whose clock is behind.
    /// </summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    /// <param name="certificate">The certificate with its private key.</param>
    public Authority(X509Certificate2 certificate)
    {
        Certificate = certificate;
    }

    /// <summary>The authority's certificate with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>When the authority was created.</summary>
    public DateTimeOffset CreatedAt => Validity.From(Certificate).Start + ClockSkew;

    public static Authority Create(DateTimeOffset now, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = $"CN=aether-operator {now:yyyy-MM-ddTHH:mm:ssZ}";
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new Authority(request.CreateSelfSigned(now - ClockSkew, now + lifetime));
    }

    /// <summary>
    /// Issues a serving certificate that expires with its lifetime or with this authority, whichever is earlier.
    /// </summary>
    public X509Certificate2 Issue(IReadOnlyList<string> dnsNames, DateTimeOffset now, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsNames[0]}", key, HashAlgorithmName.SHA256);
        var extensions = request.CertificateExtensions;
        extensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        extensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames)
            names.AddDnsName(name);
        extensions.Add(names.Build());

        var end = now + lifetime;
        var last = Validity.From(Certificate).End;
        using var certificate = request.Create(
            Certificate, now - ClockSkew, end < last ? end : last, RandomNumberGenerator.GetBytes(SerialNumberBytes));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Whether this authority issued the certificate.</summary>
    public bool Issued(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = certificate.NotBefore;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(certificate);
    }
}
