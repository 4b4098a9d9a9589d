using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Aether.Operator.Certificates;

/// <summary>
/// The trusted authorities and the serving certificate. The next state is a function of these and the time. An
/// authority is trusted before it issues and until it expires. So an API server or another replica may be one state
/// ahead or behind, and still trusts the certificate it meets.
/// </summary>
/// <param name="Authorities">The trusted authorities, newest first.</param>
/// <param name="Serving">The serving certificate with its private key.</param>
internal sealed record ServingCertificates(ImmutableArray<Authority> Authorities, X509Certificate2 Serving)
{
    /// <summary>The authorities that API servers must trust, in the form of a caBundle.</summary>
    public byte[] Bundle =>
        Encoding.ASCII.GetBytes(string.Concat(
            Authorities.Select(authority => authority.Certificate.ExportCertificatePem() + "\n")));

    /// <summary>
    /// The state at <paramref name="now"/>: <paramref name="present"/> itself unless something is missing or due.
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

        // If no authority has been trusted long enough, the oldest is the best choice.
        var issuer = authorities.FirstOrDefault(authority => authority.CreatedAt + options.TrustedAhead <= now)
            ?? authorities[^1];
        return new ServingCertificates(authorities, issuer.Issue(options.DnsNames, now, options.ServingLifetime));
    }

    /// <summary>When <see cref="At"/> will next return another state, as far as is known now.</summary>
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
