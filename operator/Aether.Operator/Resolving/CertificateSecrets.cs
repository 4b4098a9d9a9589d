using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Resolving;

/// <summary>Reads CAs and client certificates from Secrets, or says what is wrong with them.</summary>
internal static class CertificateSecrets
{
    /// <summary>PEM text of the CAs.</summary>
    /// <exception cref="BackendException">The Secret has no usable CA.</exception>
    public static string ReadAuthorities(OpenSecret secret)
    {
        var pem = secret.Require(SecretKeys.CertificateAuthority);
        return CertificateText.TryRead(pem, out _)
            ? pem
            : throw Unusable(secret,
                $"holds no readable certificate in key '{SecretKeys.CertificateAuthority}': put the CA there as PEM");
    }

    /// <summary>A client certificate and its key.</summary>
    /// <exception cref="BackendException">The certificate is unusable, or not valid at that time.</exception>
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
                    $"holds no readable certificate in key '{SecretKeys.ClientCertificate}': put it there as PEM, "
                    + "with intermediate CAs after it",
                CertificateFault.NoKey =>
                    $"holds no readable private key in key '{SecretKeys.ClientKey}': put it there as unencrypted PEM",
                _ => $"holds in key '{SecretKeys.ClientKey}' another key than that of the certificate in key "
                    + $"'{SecretKeys.ClientCertificate}': put a certificate and its own key there",
            });
        }
    }

    private static BackendException Unusable(OpenSecret secret, string complaint) =>
        new(WorldReason.InvalidCredentials, $"{secret.Display} {complaint}.");

    // Agents keep their present certificate until there is a valid one.
    private static BackendException OutOfTime(
        OpenSecret secret, string complaint, DateTimeOffset limit, DateTimeOffset now) =>
        new(WorldReason.CertificateExpired, string.Create(
            CultureInfo.InvariantCulture,
            $"{secret.Display} has in key '{SecretKeys.ClientCertificate}' a certificate that {complaint} {limit:u} "
            + $"(now {now:u}): put a renewed one there, with its key in '{SecretKeys.ClientKey}'."));
}
