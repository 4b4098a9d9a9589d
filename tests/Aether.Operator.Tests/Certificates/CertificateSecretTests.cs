using System.Text;
using Aether.Operator.Certificates;
using k8s.Models;

namespace Aether.Operator.Tests.Certificates;

[Trait("Kind", "Unit")]
public sealed class CertificateSecretTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertificateOptions Options = new() { Namespace = "aether-system" };

    [Fact]
    public void Certificate_that_was_written_is_read_back_and_can_continue_issuing()
    {
        var original = ServingCertificates.At(
            Start.AddDays(240), ServingCertificates.At(Start, present: null, Options), Options);
        var secret = new V1Secret();

        CertificateSecret.Write(secret, original);
        var isReadable = CertificateSecret.TryRead(secret, out var read);

        Assert.True(isReadable);
        Assert.Equal(2, read!.Authorities.Length);
        Assert.Equal(original.Bundle, read.Bundle);
        Assert.Equal(original.Serving.Thumbprint, read.Serving.Thumbprint);
        Assert.Same(read, ServingCertificates.At(Start.AddDays(240), read, Options));
        Assert.True(ServingCertificates.At(Start.AddDays(300), read, Options).Serving.HasPrivateKey);
    }

    [Theory]
    [InlineData("ca.crt", "")]
    [InlineData("ca.key", "")]
    [InlineData("tls.crt", "")]
    [InlineData("tls.key", "")]
    [InlineData("ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("tls.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void A_Secret_that_lost_a_part_is_not_used(string key, string text)
    {
        var secret = new V1Secret();
        CertificateSecret.Write(secret, ServingCertificates.At(Start, present: null, Options));
        secret.Data[key] = Encoding.ASCII.GetBytes(text);

        Assert.False(CertificateSecret.TryRead(secret, out _));
    }

    [Fact]
    public void A_key_of_another_certificate_is_not_used()
    {
        var secret = new V1Secret();
        var other = new V1Secret();
        CertificateSecret.Write(secret, ServingCertificates.At(Start, present: null, Options));
        CertificateSecret.Write(other, ServingCertificates.At(Start, present: null, Options));
        secret.Data["tls.key"] = other.Data["tls.key"];

        Assert.False(CertificateSecret.TryRead(secret, out _));
    }

    [Fact]
    public void An_empty_Secret_is_not_used() => Assert.False(CertificateSecret.TryRead(new V1Secret(), out _));
}
