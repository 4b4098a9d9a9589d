using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Resolving;

/// <summary>Reads CAs and client certificates from Secrets, or says what is wrong with them.</summary>
internal static class CertificateSecrets
{
    /// <summary>PEM text of CAs.</summary>
    /// <exception cref="BackendException">There is none.</exception>
    public static string ReadAuthorities(OpenSecret secret)
    {
        var pem = secret.Require(SecretKeys.CertificateAuthority);
        return CertificateText.TryRead(pem, out _)
            ? pem
            : throw Unusable(secret,
                $"holds no certificate that can be read in key '{SecretKeys.CertificateAuthority}': put the CA there "
                + "as PEM");
    }

    /// <summary>A certificate of a client, and its key.</summary>
    /// <exception cref="BackendException">It cannot be used, or not at that time.</exception>
    public static ClientCertificate ReadClient(OpenSecret secret, DateTimeOffset now)
    {
        var certificate = Parse(
            secret, secret.Require(SecretKeys.ClientCertificate), secret.Require(SecretKeys.ClientKey));
        return now < certificate.ValidFrom
            ? throw OutOfTime(secret, "is not valid before", certificate.ValidFrom, now)
            : now > certificate.ValidUntil
            ? throw OutOfTime(secret, "has expired at", certificate.ValidUntil, now)
            : certificate;
    }

    private static ClientCertificate Parse(OpenSecret secret, string chain, string key)
    {
        try
        {
            return ClientCertificate.Parse(chain, key);
        }
        catch (InvalidCertificateException exception)
        {
            throw Unusable(secret, exception.Fault switch
            {
                CertificateFault.NoCertificate =>
                    $"holds no certificate that can be read in key '{SecretKeys.ClientCertificate}': put it there as "
                    + "PEM, with intermediate CAs after it",
                CertificateFault.NoKey =>
                    $"holds no private key that can be read in key '{SecretKeys.ClientKey}': put it there as PEM, not "
                    + "encrypted",
                _ => $"holds in key '{SecretKeys.ClientKey}' another key than that of the certificate in key "
                    + $"'{SecretKeys.ClientCertificate}': put both there as they were issued together",
            });
        }
    }

    private static BackendException Unusable(OpenSecret secret, string complaint) =>
        new(WorldReason.InvalidCredentials, $"{secret.Display} {complaint}.");

    // Agents keep what they have until there is a valid one.
    private static BackendException OutOfTime(
        OpenSecret secret, string complaint, DateTimeOffset limit, DateTimeOffset now) =>
        new(WorldReason.CertificateExpired, string.Create(
            CultureInfo.InvariantCulture,
            $"{secret.Display} has in key '{SecretKeys.ClientCertificate}' a certificate that {complaint} {limit:u}, "
            + $"and it is {now:u}: put a renewed one there, with its key in '{SecretKeys.ClientKey}'."));
}
