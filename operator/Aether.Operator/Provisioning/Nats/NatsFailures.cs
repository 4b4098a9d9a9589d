using System.Security.Authentication;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>
/// Translates exceptions of the NATS client into a reason and a message that names the host and the next step.
/// </summary>
internal static class NatsFailures
{
    private const int JetStreamOffForAccount = 10039;
    private const int JetStreamOffForServer = 10076;

    public static bool IsExpected(Exception exception) =>
        exception is NatsException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    public static ProvisioningException Translate(Exception exception, NatsAccess access)
    {
        var place = $"NATS at {access.Address}";
        return exception switch
        {
            NatsNoRespondersException
                or NatsJSApiException { Error.ErrCode: JetStreamOffForAccount or JetStreamOffForServer } =>
                new(StoreReason.PermissionDenied,
                    $"{place} offers no JetStream: enable JetStream on the server and for the account of the backend's "
                    + "spec.nats.credentialsSecretRef.", exception),
            // A server that ignores requests beyond the user's rights looks the same as an overloaded one.
            NatsJSApiNoResponseException => new(StoreReason.Unreachable,
                $"{place} did not answer a request to JetStream in time. If this persists, give the backend's user the "
                + "right to publish to '$JS.API.>'.", exception),
            NatsJSApiException refusal => new(StoreReason.Refused,
                $"{place} refused a request (code {refusal.Error.ErrCode}): {refusal.Error.Description}.", exception),
            _ when IsAuthentication(exception) => new(StoreReason.AuthenticationFailed,
                $"{place} refuses the backend's user. Put the right credentials into the backend's "
                + $"spec.nats.credentialsSecretRef. {MappedUser(access)}{StoreCircuits.LoginAdvice}", exception),
            _ when TlsFailures.Translate(exception, place, "spec.nats") is { } refused => refused,
            _ when FindHandshake(exception) is { } handshake => new(StoreReason.Unreachable,
                $"{place} cannot be reached: the TLS handshake failed: {handshake.Message.TrimEnd('.')}. "
                + TlsFailures.Trust("spec.nats", access.Certificates), exception),
            _ => new(StoreReason.Unreachable,
                $"{place} cannot be reached: {exception.GetBaseException().Message.TrimEnd('.')}. Check the backend's "
                + "spec.nats.urls, and the network between.", exception),
        };
    }

    /// <summary>The failure of a server that starts connections with TLS.</summary>
    public static ProvisioningException HandshakeFirst(NatsAccess access, Exception exception) => new(
        StoreReason.Unreachable,
        $"NATS at {access.Address} starts with TLS, without the INFO line that the operator and the agents expect "
        + "first (tls { handshake_first: true } in the configuration of nats-server). Set handshake_first: auto, or "
        + "remove it.",
        exception);

    private static string MappedUser(NatsAccess access) => access.Certificates.Operator is null
        ? ""
        : "If nats-server has verify_and_map, the user's name is the e-mail address, DNS name or subject of the "
            + "certificate in the backend's spec.nats.clientCertificateSecretRef, and only the password counts. ";

    private static AuthenticationException? FindHandshake(Exception? exception)
    {
        while (exception is not null and not AuthenticationException)
            exception = exception.InnerException;
        return (AuthenticationException?)exception;
    }

    private static bool IsAuthentication(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is NatsServerException { IsAuthError: true }
                || current.Message.Contains("authorization violation", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
