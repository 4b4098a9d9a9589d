using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Aether.Operator.Certificates;

/// <summary>
/// The authorities that are trusted and the certificate that is served. What comes next is a function of these and the
/// time: an authority is trusted before it issues and for as long as it is valid, so that whichever of two neighbouring
/// states an API server or another replica is in, the certificate it meets is one it trusts.
/// </summary>
/// <param name="Authorities">Newest first.</param>
/// <param name="Serving">With its private key.</param>
internal sealed record ServingCertificates(ImmutableArray<Authority> Authorities, X509Certificate2 Serving)
{
    /// <summary>What API servers must trust, as the caBundle holds it.</summary>
    public byte[] Bundle =>
        Encoding.ASCII.GetBytes(string.Concat(
            Authorities.Select(authority => authority.Certificate.ExportCertificatePem() + "\n")));

    /// <summary>
    /// What should be in force at <paramref name="now"/>: <paramref name="present"/> itself, unless something is
    /// missing or due.
    /// </summary>
    public static ServingCertificates At(
        DateTimeOffset now, ServingCertificates? present, CertificateOptions options)
    {
        var authorities = (present?.Authorities ?? [])
            .RemoveAll(authority => Validity.From(authority.Certificate).End <= now);
        if (authorities.IsEmpty || Validity.From(authorities[0].Certificate).RenewAt <= now)
            authorities = authorities.Insert(0, Authority.Create(now, options.AuthorityLifetime));

        if (present is not null && IsGood(present.Serving, authorities, now, options))
        {
            return authorities.SequenceEqual(present.Authorities)
                ? present
                : present with { Authorities = authorities };
        }

        // With nobody trusted long enough, any other is trusted as little.
        var issuer = authorities.FirstOrDefault(authority => authority.CreatedAt + options.TrustedAhead <= now)
            ?? authorities[^1];
        return new ServingCertificates(authorities, issuer.Issue(options.DnsNames, now, options.ServingLifetime));
    }

    /// <summary>When <see cref="At"/> will next have something to do, as far as is known now.</summary>
    public DateTimeOffset NextChange =>
        Authorities.Select(authority => Validity.From(authority.Certificate).End)
            .Append(Validity.From(Authorities[0].Certificate).RenewAt)
            .Append(Validity.From(Serving).RenewAt)
            .Min();

    private static bool IsGood(
        X509Certificate2 serving,
        ImmutableArray<Authority> authorities,
        DateTimeOffset now,
        CertificateOptions options) =>
        Validity.From(serving).RenewAt > now
        && options.DnsNames.All(name => serving.MatchesHostname(name))
        && authorities.Any(authority => authority.Issued(serving));
}
