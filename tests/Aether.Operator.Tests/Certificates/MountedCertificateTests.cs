using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aether.Operator.Certificates;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aether.Operator.Tests.Certificates;

[Trait("Kind", "Unit")]
public sealed class MountedCertificateTests : IDisposable
{
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddHours(-1);
    private static readonly DateTimeOffset To = From.AddHours(2);

    private readonly TemporaryFolder _folder = new("mounted");
    private readonly TestAuthority _authority = new();
    private readonly MountedCertificate _certificate;

    public MountedCertificateTests()
    {
        var options = new MountedCertificateOptions { Directory = _folder.Path };
        _certificate = new MountedCertificate(
            options, TimeProvider.System, NullLogger<MountedCertificate>.Instance);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Operator_is_not_ready_before_the_certificate_files_exist()
    {
        await _certificate.ReadAsync(Stop);

        Assert.False(_certificate.IsReady);
    }

    [Fact]
    public async Task Certificate_in_the_folder_is_served_with_its_chain()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("CN=root", key).CreateSelfSigned(From, To);
        using var between = Authority("CN=between", key).Create(root, From, To, [1]);
        using var issuer = between.CopyWithPrivateKey(key);
        using var leaf = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256).Create(issuer, From, To, [2]);
        await File.WriteAllTextAsync(
            _folder.File("tls.crt"), $"{leaf.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n", Stop);
        await File.WriteAllTextAsync(_folder.File("tls.key"), key.ExportPkcs8PrivateKeyPem(), Stop);

        await _certificate.ReadAsync(Stop);

        Assert.True(_certificate.IsReady);
        Assert.Equal(leaf.Thumbprint, _certificate.Context!.TargetCertificate.Thumbprint);
        var sent = Assert.Single(_certificate.Context.IntermediateCertificates);
        Assert.Equal(between.Thumbprint, sent.Thumbprint);
    }

    [Fact]
    public async Task Renewed_certificate_is_served()
    {
        await MountAsync(_authority.Issue("one"));
        await _certificate.ReadAsync(Stop);

        var renewed = await MountAsync(_authority.Issue("two"));
        await _certificate.ReadAsync(Stop);

        Assert.Equal(renewed, _certificate.Context!.TargetCertificate.Thumbprint);
    }

    [Fact]
    public async Task Key_that_does_not_match_leaves_the_former_certificate_in_use()
    {
        var former = await MountAsync(_authority.Issue("one"));
        await _certificate.ReadAsync(Stop);

        await MountAsync(_authority.Issue("two"), "tls.crt");
        await _certificate.ReadAsync(Stop);

        Assert.Equal(former, _certificate.Context!.TargetCertificate.Thumbprint);
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        return request;
    }

    private async Task<string> MountAsync(ServerCertificate certificate, params string[] only)
    {
        using var issued = new TemporaryFolder("issued");
        var files = await certificate.WriteAsync(issued.Path, Stop);
        foreach (var (name, file) in new[] { ("tls.crt", files.Certificate), ("tls.key", files.Key) })
        {
            if (only.Length == 0 || only.Contains(name))
                File.Copy(file, _folder.File(name), overwrite: true);
        }

        return X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(files.Certificate, Stop)).Thumbprint;
    }
}
