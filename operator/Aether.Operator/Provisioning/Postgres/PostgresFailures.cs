using System.Net.Sockets;
using System.Security.Authentication;
using Aether.Operator.Kinds;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Translates exceptions of Npgsql into a reason and a message that names the host and the next step, never a password.
/// </summary>
internal static class PostgresFailures
{
    public static bool IsExpected(Exception exception) =>
        exception is NpgsqlException or TimeoutException or SocketException or AuthenticationException or IOException;

    public static ProvisioningException Translate(Exception exception, PostgresAccess access)
    {
        var place = $"PostgreSQL at {access.Address}";
        return exception is PostgresException refusal
            ? Refusal(refusal, access, place)
            : TlsFailures.Translate(exception, place, "spec.postgres") is { } refused
            ? refused
            : Chain(exception).OfType<AuthenticationException>().FirstOrDefault() is { } handshake
            ? new ProvisioningException(StoreReason.Unreachable, Untrusted(handshake, access, place), exception)
            : IsWithoutTls(exception)
            ? new ProvisioningException(StoreReason.Unreachable,
                $"{place} does not speak TLS, which the backend's spec.postgres.sslMode {access.SslMode} requires: "
                + "enable ssl on the server, or set sslMode to Disable where the network is trusted.", exception)
            : new ProvisioningException(StoreReason.Unreachable,
                $"{place} cannot be reached: {Innermost(exception)} Check host, port and sslMode of the backend, and "
                + "the network between.", exception);
    }

    /// <summary>The server's own words: message, detail and hint.</summary>
    public static string WordsOf(PostgresException refusal) => string.Join(". ",
        new[] { refusal.MessageText, refusal.Detail, refusal.Hint }.OfType<string>()
            .Select(words => words.ReplaceLineEndings("; ").TrimEnd('.')));

    /// <summary>
    /// The failure if another role owns an object of the world, as after a change of the administrator's name.
    /// </summary>
    public static ProvisioningException NotAMember(PostgresAccess access, string what, string owner, int serverMajor) =>
        new(StoreReason.PermissionDenied,
            $"PostgreSQL at {access.Address}: {what} belongs to role '{owner}', whose rights user '{access.Username}' "
            + $"does not have. If that role administered this database before, run: GRANT {SqlText.Identifier(owner)} "
            + $"TO {SqlText.Identifier(access.Username)}{(serverMajor >= 16 ? " WITH INHERIT TRUE" : "")};");

    private static ProvisioningException Refusal(PostgresException refusal, PostgresAccess access, string place) =>
        refusal.SqlState switch
        {
            PostgresErrorCodes.InvalidAuthorizationSpecification =>
                new(StoreReason.AuthenticationFailed, NotAdmitted(refusal, access, place), refusal),
            PostgresErrorCodes.InvalidPassword =>
                new(StoreReason.AuthenticationFailed,
                    $"{place} refuses user '{access.Username}': {refusal.MessageText}. Put the right username and "
                    + $"password into the backend's spec.postgres.adminSecretRef. {OtherName(access)}"
                    + StoreCircuits.LoginAdvice,
                    refusal),
            PostgresErrorCodes.InvalidCatalogName =>
                new(StoreReason.DatabaseNotFound,
                    $"{place} has no database '{access.Database}': create it, or correct the backend's "
                    + "spec.postgres.database.", refusal),
            PostgresErrorCodes.InsufficientPrivilege =>
                new(StoreReason.PermissionDenied,
                    $"{place} denies user '{access.Username}' a right that the operator needs: {WordsOf(refusal)}. It "
                    + $"needs CREATE on database '{access.Database}' and CREATEROLE.", refusal),
            PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown =>
                new(StoreReason.Unreachable, $"{place} accepts no connections: {refusal.MessageText}.", refusal),
            _ => new(StoreReason.Refused,
                $"{place} refused a statement (SQLSTATE {refusal.SqlState}): {WordsOf(refusal)}.", refusal),
        };

    // SQLSTATE 28000, unlike 28P01, does not concern the password: pg_hba.conf or the role's attributes refuse the
    // user. Do not parse the server's words, which may be in any language.
    private static string NotAdmitted(PostgresException refusal, PostgresAccess access, string place)
    {
        var mode = access.SslMode is PostgresSslMode.Disable or PostgresSslMode.Prefer
            ? $"; if pg_hba.conf requires TLS there (hostssl), set spec.postgres.sslMode, which is {access.SslMode}, "
                + "to Require, VerifyCA or VerifyFull"
            : "";
        return $"{place} does not admit user '{access.Username}': {WordsOf(refusal)}. The password is not the cause. "
            + $"Check the server's pg_hba.conf for this user, database and the operator's address{mode}; if it "
            + "requires a client certificate (clientcert, or the method cert), put a certificate issued to this user "
            + "into the Secret of the backend's spec.postgres.clientCertificateSecretRef; "
            + $"and make sure that the role has LOGIN. {StoreCircuits.LoginAdvice}";
    }

    // With clientcert=verify-full, a certificate for another name is reported as a wrong password.
    private static string OtherName(PostgresAccess access) => access.Certificates.Operator is null ? "" :
        $"Or pg_hba.conf says clientcert=verify-full, and the certificate in the backend's "
        + $"spec.postgres.clientCertificateSecretRef is not issued to '{access.Username}'. ";

    private static string Untrusted(AuthenticationException handshake, PostgresAccess access, string place)
    {
        var remedy = access.Certificates.Authorities is null
            ? "If a private CA issued the server's certificate, put that CA as PEM into key ca.crt of a Secret, and "
                + "name the Secret in the backend's spec.postgres.caSecretRef"
            : "The CA in the Secret of the backend's spec.postgres.caSecretRef must be the one that issued the "
                + "server's certificate";
        var name = access.SslMode == PostgresSslMode.VerifyFull
            ? $"; with sslMode VerifyFull the certificate must also be for '{access.Host}'"
            : "";
        return $"{place} cannot be reached: the TLS handshake failed: {handshake.Message.TrimEnd('.')}. "
            + $"{remedy}{name}.";
    }

    // Npgsql has no exception type for this failure.
    private static bool IsWithoutTls(Exception exception) =>
        exception.Message.Contains("SSL connection requested", StringComparison.Ordinal);

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
            yield return current;
    }

    private static string Innermost(Exception exception)
    {
        var text = exception.GetBaseException().Message;
        return text.EndsWith('.') ? text : text + ".";
    }
}
