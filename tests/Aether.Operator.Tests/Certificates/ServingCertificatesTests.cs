using System.Security.Cryptography.X509Certificates;
using Aether.Operator.Certificates;

namespace Aether.Operator.Tests.Certificates;

[Trait("Kind", "Unit")]
public sealed class ServingCertificatesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CertificateOptions Options = new() { Namespace = "aether-system" };

    [Fact]
    public void The_first_certificate_is_trusted_and_bears_the_names_of_the_Service()
    {
        var certificates = ServingCertificates.At(Start, present: null, Options);

        Assert.True(IsTrusted(certificates.Bundle, certificates.Serving, Start));
        Assert.True(certificates.Serving.MatchesHostname("aether-operator-webhook.aether-system.svc"));
        Assert.False(certificates.Serving.MatchesHostname("aether-operator-webhook.other.svc"));
    }

    [Fact]
    public void Certificates_do_not_change_before_renewal_is_due()
    {
        var certificates = ServingCertificates.At(Start, present: null, Options);

        var later = ServingCertificates.At(certificates.NextChange - TimeSpan.FromSeconds(1), certificates, Options);

        Assert.Same(certificates, later);
    }

    [Fact]
    public void A_serving_certificate_is_replaced_at_two_thirds_of_its_life_by_the_same_authority()
    {
        var first = ServingCertificates.At(Start, present: null, Options);

        var second = ServingCertificates.At(Start.AddDays(60), first, Options);

        Assert.NotEqual(first.Serving.Thumbprint, second.Serving.Thumbprint);
        Assert.Equal(first.Bundle, second.Bundle);
    }

    [Fact]
    public void A_new_authority_is_trusted_before_it_issues()
    {
        var first = ServingCertificates.At(Start, present: null, Options);
        var fresh = ServingCertificates.At(Start.AddDays(239), first, Options);

        var overlapping = ServingCertificates.At(Start.AddDays(240), fresh, Options);
        var renewed = ServingCertificates.At(Start.AddDays(300), overlapping, Options);

        Assert.Equal(2, overlapping.Authorities.Length);
        Assert.Equal(fresh.Serving.Thumbprint, overlapping.Serving.Thumbprint);
        Assert.True(overlapping.Authorities[0].Issued(renewed.Serving));
        Assert.False(overlapping.Authorities[1].Issued(renewed.Serving));
    }

    [Fact]
    public void Over_five_years_every_certificate_is_trusted_by_the_bundles_before_and_after_it()
    {
        var previous = ServingCertificates.At(Start, present: null, Options);
        var authorities = new HashSet<string>();

        for (var now = Start; now < Start.AddYears(5); now += TimeSpan.FromHours(12))
        {
            var next = ServingCertificates.At(now, previous, Options);

            Assert.True(IsTrusted(previous.Bundle, next.Serving, now), $"At {now} others do not trust it yet.");
            Assert.True(IsTrusted(next.Bundle, previous.Serving, now), $"At {now} a replica still serves the old one.");
            Assert.InRange(next.Authorities.Length, 1, 2);
            authorities.Add(next.Authorities[0].Certificate.Thumbprint);
            previous = next;
        }

        Assert.InRange(authorities.Count, 7, 8);
    }

    [Fact]
    public void Certificates_start_over_after_a_long_pause()
    {
        var first = ServingCertificates.At(Start, present: null, Options);
        var now = Start.AddYears(3);

        var later = ServingCertificates.At(now, first, Options);

        Assert.Single(later.Authorities);
        Assert.True(IsTrusted(later.Bundle, later.Serving, now));
    }

    [Fact]
    public void A_certificate_for_other_names_is_replaced()
    {
        var elsewhere = ServingCertificates.At(Start, present: null, Options with { Namespace = "elsewhere" });

        var certificates = ServingCertificates.At(Start, elsewhere, Options);

        Assert.True(certificates.Serving.MatchesHostname(Options.DnsNames[0]));
        Assert.Equal(elsewhere.Bundle, certificates.Bundle);
    }

    [Fact]
    public void A_certificate_of_an_unknown_authority_is_replaced()
    {
        var certificates = ServingCertificates.At(Start, present: null, Options);
        var stranger = Authority.Create(Start, Options.AuthorityLifetime);
        var forged = certificates with
        {
            Serving = stranger.Issue(Options.DnsNames, Start, Options.ServingLifetime),
        };

        var mended = ServingCertificates.At(Start, forged, Options);

        Assert.True(IsTrusted(mended.Bundle, mended.Serving, Start));
    }

    internal static bool IsTrusted(byte[] bundle, X509Certificate2 serving, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(System.Text.Encoding.ASCII.GetString(bundle));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(serving);
    }
}
