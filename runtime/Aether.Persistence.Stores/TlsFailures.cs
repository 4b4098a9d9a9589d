using System.Security.Authentication;
using Aether.Persistence.Contracts;

namespace Aether.Persistence.Stores;

/// <summary>
/// Recognises a failed TLS handshake, on either side; clients wrap these errors in their own exceptions.
/// </summary>
/// <param name="store">Name of the store in a backend's spec: postgres, redis or nats.</param>
internal sealed class TlsFailures(string store)
{
    private readonly string _prefix = $"AETHER_{store.ToUpperInvariant()}_";

    /// <summary>Whether the client does not accept the server's certificate, or the server the client's.</summary>
    public static bool IsOfTls(Exception? exception) =>
        FindHandshake(exception) is not null || TlsAlert.Find(exception) is not null;

    /// <summary>Explains the failure and what to do; null if TLS did not fail.</summary>
    /// <param name="exception">The exception of the client.</param>
    /// <param name="trust">What to do if the server's certificate is not accepted; null: the default advice.</param>
    public string? Describe(Exception? exception, string? trust = null) =>
        TlsAlert.Find(exception) is { } alert
            ? $"the server {TlsAlert.Explain(alert)}. {_prefix}CLIENT_CERTIFICATE and {_prefix}CLIENT_KEY "
                + $"(the backend's spec.{store}.agentClientCertificateSecretRef) must hold a valid certificate from a "
                + "CA that the server trusts for clients. A renewed certificate is used without a restart."
            : FindHandshake(exception) is { } failure
            ? $"TLS handshake failed: {failure.Message.TrimEnd('.')}. {trust ?? Trust}"
            : null;

    private string Trust =>
        $"The CA of its certificate must be in {_prefix}ROOT_CERTIFICATE (the backend's spec.{store}.caSecretRef), or "
        + "without that setting among those of the agent's image, or in the file SSL_CERT_FILE names there.";

    private static AuthenticationException? FindHandshake(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is AuthenticationException failure)
                return failure;
        }

        return null;
    }
}
