using System.Security.Cryptography.X509Certificates;

namespace Aether.Operator.Certificates;

/// <summary>From when to when a certificate is valid.</summary>
internal readonly record struct Validity(DateTimeOffset Start, DateTimeOffset End)
{
    public static Validity From(X509Certificate2 certificate) =>
        new(certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());

    /// <summary>When it is time for a successor: two thirds through.</summary>
    public DateTimeOffset RenewAt => Start + (End - Start) * 2 / 3;
}
