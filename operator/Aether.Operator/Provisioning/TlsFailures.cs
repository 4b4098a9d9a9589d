using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Messages about certificates, the same for each store.</summary>
internal static class TlsFailures
{
    /// <summary>The failure if a server refused the operator's certificate; null if it failed otherwise.</summary>
    /// <param name="exception">The client's exception.</param>
    /// <param name="place">The store and its address.</param>
    /// <param name="path">The store's part of a backend's spec.</param>
    public static ProvisioningException? Translate(Exception exception, string place, string path) =>
        TlsAlert.Find(exception) is { } alert ? Refused(alert, place, path, exception) : null;

    /// <summary>The failure for a TLS alert from the server.</summary>
    public static ProvisioningException Refused(string alert, string place, string path, Exception? cause) =>
        new(StoreReason.ClientCertificateRefused,
            $"{place} {TlsAlert.Explain(alert)}. The Secret of the backend's {path}.clientCertificateSecretRef must "
            + "hold a certificate (tls.crt, tls.key) that is valid and comes from a CA that the server trusts for "
            + $"clients; agents present that of {path}.agentClientCertificateSecretRef.", cause);

    /// <summary>Advice if the server's certificate is not trusted.</summary>
    public static string Trust(string path, StoreCertificates certificates) => certificates.Authorities is null
        ? "If a private CA issued the server's certificate, put that CA as PEM into key ca.crt of a Secret, and name "
            + $"the Secret in the backend's {path}.caSecretRef. The certificate must also be for that host."
        : $"The CA in the Secret of the backend's {path}.caSecretRef must be the one that issued the server's "
            + "certificate, which must also be for that host.";
}
