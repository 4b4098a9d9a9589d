using System.Security.Cryptography.X509Certificates;

namespace Aether.Operator.Certificates;

/// <summary>The period in which a certificate is valid.</summary>
internal readonly record struct Validity(DateTimeOffset Start, DateTimeOffset End)
{
    public static Validity From(X509Certificate2 certificate) =>
        new(certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());

    /// <summary>When to renew: after two thirds of the period.</summary>
    public DateTimeOffset RenewAt => Start + (End - Start) * 2 / 3;
}
