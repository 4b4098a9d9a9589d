using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Turns what Npgsql throws into a reason and a sentence that names host and next step, never a password.
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
            : new ProvisioningException(StoreReasons.Unreachable,
                $"{place} cannot be reached: {Innermost(exception)} Check host, port and sslMode of the backend, and "
                + "the network between.", exception);
    }

    /// <summary>The server's words: message, detail and hint.</summary>
    public static string WordsOf(PostgresException refusal) => string.Join(". ",
        new[] { refusal.MessageText, refusal.Detail, refusal.Hint }.OfType<string>()
            .Select(words => words.ReplaceLineEndings("; ").TrimEnd('.')));

    /// <summary>What to say where another role owns what is the world's, as after the administrator was renamed.</summary>
    public static ProvisioningException NotAMember(PostgresAccess access, string what, string owner, int serverMajor) =>
        new(StoreReasons.PermissionDenied,
            $"PostgreSQL at {access.Address}: {what} belongs to role '{owner}', whose rights user '{access.Username}' "
            + $"does not have. If that role administered this database before, run: GRANT {SqlText.Identifier(owner)} TO "
            + $"{SqlText.Identifier(access.Username)}{(serverMajor >= 16 ? " WITH INHERIT TRUE" : "")};");

    private static ProvisioningException Refusal(PostgresException refusal, PostgresAccess access, string place) =>
        refusal.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                new(StoreReasons.AuthenticationFailed,
                    $"{place} refuses user '{access.Username}': {refusal.MessageText}. Put the right username and "
                    + $"password into the backend's spec.postgres.adminSecretRef. {StoreCircuits.LoginAdvice}",
                    refusal),
            PostgresErrorCodes.InvalidCatalogName =>
                new(StoreReasons.DatabaseNotFound,
                    $"{place} has no database '{access.Database}': create it, or correct the backend's "
                    + "spec.postgres.database.", refusal),
            PostgresErrorCodes.InsufficientPrivilege =>
                new(StoreReasons.PermissionDenied,
                    $"{place} does not let user '{access.Username}' do what is needed: {WordsOf(refusal)}. It needs "
                    + $"CREATE on database '{access.Database}' and CREATEROLE.", refusal),
            PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown =>
                new(StoreReasons.Unreachable, $"{place} takes no connections: {refusal.MessageText}.", refusal),
            _ => new(StoreReasons.Refused,
                $"{place} refused a statement (SQLSTATE {refusal.SqlState}): {WordsOf(refusal)}.", refusal),
        };

    private static string Innermost(Exception exception)
    {
        var text = exception.GetBaseException().Message;
        return text.EndsWith('.') ? text : text + ".";
    }
}
