using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Says what is wrong with certificates, the same for each store.</summary>
internal static class TlsFailures
{
    /// <summary>What to say if a server does not accept the operator's certificate; null if it is not that.</summary>
    /// <param name="exception">What the client throws.</param>
    /// <param name="place">The store and its address.</param>
    /// <param name="path">The store's part of a backend's spec.</param>
    public static ProvisioningException? Translate(Exception exception, string place, string path) =>
        TlsAlert.Find(exception) is { } alert ? Refused(alert, place, path, exception) : null;

    /// <summary>What to say if a server sends that alert to the operator.</summary>
    public static ProvisioningException Refused(string alert, string place, string path, Exception? cause) =>
        new(StoreReason.ClientCertificateRefused,
            $"{place} {TlsAlert.Explain(alert)}. The Secret of the backend's {path}.clientCertificateSecretRef must "
            + "hold a certificate (tls.crt, tls.key) that is valid and comes from a CA that the server trusts for "
            + $"clients; agents present that of {path}.agentClientCertificateSecretRef.", cause);

    /// <summary>What to do where the server's certificate is not accepted.</summary>
    public static string Trust(string path, StoreCertificates certificates) => certificates.Authorities is null
        ? "If a private CA issued the server's certificate, put that CA as PEM into key ca.crt of a Secret, and name "
            + $"the Secret in the backend's {path}.caSecretRef. The certificate must also be for that host."
        : $"The CA in the Secret of the backend's {path}.caSecretRef must be the one that issued the server's "
            + "certificate, which must also be for that host.";
}
