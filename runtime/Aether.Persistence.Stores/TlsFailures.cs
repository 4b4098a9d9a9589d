using System.Security.Authentication;

namespace Aether.Persistence.Stores;

/// <summary>Recognises a TLS handshake that failed, which clients wrap in exceptions of their own.</summary>
internal static class TlsFailures
{
    private const string TrustSystem =
        "The CA of its certificate must be among those of the agent's image, or in the file SSL_CERT_FILE names there.";

    /// <summary>The handshake's own error; null if it was another failure.</summary>
    public static AuthenticationException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is AuthenticationException failure)
                return failure;
        }

        return null;
    }

    /// <summary>Says what failed, and what to do where nobody but the system's CAs is trusted.</summary>
    public static string Describe(AuthenticationException failure) => Describe(failure, TrustSystem);

    /// <summary>Says what failed, and what to do.</summary>
    public static string Describe(AuthenticationException failure, string nextStep) =>
        $"TLS handshake failed: {failure.Message.TrimEnd('.')}. {nextStep}";
}
