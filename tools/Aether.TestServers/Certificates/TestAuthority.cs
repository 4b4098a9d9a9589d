using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aether.TestServers.Certificates;

/// <summary>A certificate authority for one test run, which only the test's own programs trust.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan Life = TimeSpan.FromDays(30);

    private readonly DateTimeOffset _from = TimeProvider.System.GetUtcNow().AddHours(-1);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    /// <summary>Creates key and certificate.</summary>
    public TestAuthority()
    {
        var request = new CertificateRequest("CN=test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        // As real authorities do: it tells which of two authorities with one name signed a certificate.
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _certificate = request.CreateSelfSigned(_from, _from + Life);
        Pem = _certificate.ExportCertificatePem();
    }

    /// <summary>The certificate to trust, as PEM.</summary>
    public string Pem { get; }

    /// <summary>Issues a certificate for 127.0.0.1 and localhost.</summary>
    public ServerCertificate Issue()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        return Issue(names, ServerAuthentication);
    }

    /// <summary>
    /// The same for servers that are also clients of each other: replicas of their primary, sentinels. Each trusts the
    /// others, and the clients of <paramref name="clients"/>.
    /// </summary>
    public ServerCertificate IssuePeer(params TestAuthority[] clients)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        return Issue(names, ServerAuthentication, ClientAuthentication).WithClientsOf([this, .. clients]);
    }

    /// <summary>Issues a certificate for one host name.</summary>
    public ServerCertificate Issue(string host)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        return Issue(names, ServerAuthentication);
    }

    /// <summary>Issues a certificate for a client of that name.</summary>
    public ClientFiles IssueClient(string name) => IssueClient(name, _from, _from + Life);

    /// <summary>Issues a certificate for a client of that name that expired a minute ago.</summary>
    public ClientFiles IssueExpiredClient(string name) =>
        IssueClient(name, _from, TimeProvider.System.GetUtcNow().AddMinutes(-1));

    /// <inheritdoc />
    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private ClientFiles IssueClient(string name, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(Request(name, key, ClientAuthentication), from, until);
        return new ClientFiles(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private ServerCertificate Issue(SubjectAlternativeNameBuilder names, params string[] purposes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request("test server", key, purposes);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = Sign(request, _from, _from + Life);
        return new ServerCertificate(certificate.ExportCertificatePem() + "\n" + Pem, key.ExportPkcs8PrivateKeyPem());
    }

    private CertificateRequest Request(string name, ECDsa key, params string[] purposes)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [.. purposes.Select(purpose => new Oid(purpose))], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            _certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        return request;
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset from, DateTimeOffset until) =>
        request.Create(_certificate, from, until, RandomNumberGenerator.GetBytes(8));
}
