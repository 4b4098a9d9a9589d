using System.Net.Sockets;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>Distinguishes an unavailable or refusing database from a defect of this program.</summary>
internal static class PostgresFailures
{
    public const string Store = "postgres";

    private const string TrustServer =
        $"{AetherVariables.PostgresRootCertificate} (the backend's spec.postgres.caSecretRef) must hold the CA of its "
        + $"certificate, and {nameof(SslMode.VerifyFull)} wants it issued to {AetherVariables.PostgresHost}.";

    private static readonly TlsFailures Tls = new(Store);

    public static bool IsOutage(Exception exception) => exception switch
    {
        // The operator creates or repairs these.
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => true,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedColumn } => true,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedFunction } => true,
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => true,
        // A pooler that mixes the sessions of several clients causes this.
        PostgresException { SqlState: PostgresErrorCodes.DuplicatePreparedStatement } => true,
        // Data, constraints and syntax: a retry would change nothing and hide the defect.
        PostgresException answer => answer.SqlState[..2] is not ("22" or "23" or "42"),
        NpgsqlException or TimeoutException or StandbyException => true,
        _ => false,
    };

    public static StoreUnavailableException Translate(Exception exception) =>
        new(Store, Describe(exception), exception);

    /// <summary>Whether the server accepts no writes, so that its sessions are useless.</summary>
    public static bool IsReadOnly(Exception exception) =>
        exception is StandbyException or PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>
    /// Whether a prepared statement is missing, exists already, or differs: a pooler gave its session to other clients.
    /// </summary>
    public static bool IsOfPreparedStatements(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.DuplicatePreparedStatement
            or PostgresErrorCodes.InvalidSqlStatementName
            or PostgresErrorCodes.ProtocolViolation,
    };

    /// <summary>Whether a row has no partition: this check has no named constraint.</summary>
    public static bool IsWithoutPartition(PostgresException answer) =>
        answer is { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null };

    /// <summary>
    /// Whether a commit did not wait for its synchronous standby. The message is in the server's language and the
    /// SQLSTATE is that of any warning, but the source file is unique.
    /// </summary>
    public static bool IsWithoutStandby(PostgresNotice notice) => notice.File == "syncrep.c";

    /// <summary>Whether the server refuses the password; there may be another one.</summary>
    public static bool IsWrongPassword(Exception exception) =>
        Causes(exception).Any(cause => cause is PostgresException { SqlState: PostgresErrorCodes.InvalidPassword });

    /// <summary>Whether the server closed an accepted connection without a message.</summary>
    public static bool IsCut(Exception exception) => !TlsFailures.IsOfTls(exception)
        && Causes(exception).Any(cause => cause is not PostgresException && cause.InnerException
            is IOException or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown });

    /// <summary>
    /// The causes of a failure: with several hosts there may be one for each. + "start only. Restart the pod." => it is
    /// only read " + "at the start. Restart the pod."
    /// </summary>
    public static IEnumerable<Exception> Causes(Exception exception) =>
        exception.InnerException is AggregateException each ? each.InnerExceptions : [exception];

    public static StoreUnavailableException OtherSchema(string own, string other) => new(
        Store,
        $"{AetherVariables.PostgresSchema} is '{other}' now and was '{own}' when the agent started: it is only read "
        + "at the start. Restart the pod.");

    public static StoreUnavailableException Translate(PostgresNotice warning) => new(
        Store,
        $"{warning.MessageText}. {warning.Detail} The agent retries: bring the standby back, or remove it "
        + "from synchronous_standby_names.");

    private static string Describe(Exception exception) => exception switch
    {
        PostgresException answer => $"{answer.MessageText} (SQLSTATE {answer.SqlState}). {NextStep(answer.SqlState)}",
        // The exceptions of all hosts that were tried.
        { InnerException: AggregateException each } =>
            $"{exception.Message.TrimEnd('.')}: {string.Join("; ", each.InnerExceptions.Select(Describe))}",
        { InnerException: TimeoutException } or TimeoutException => "no answer in time",
        _ when Tls.Describe(exception, TrustServer) is { } text => text,
        { InnerException: SocketException inner } => $"{exception.Message}: {inner.Message}",
        { InnerException: { } inner } => $"{exception.Message} {inner.Message}",
        _ => exception.Message,
    };

    private static string NextStep(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword =>
            $"The role has another password than {AetherVariables.PostgresPassword}. A new password reaches the pod "
            + "within about two minutes of its change in the world's Secret, and is used without a restart. If this "
            + "lasts, the role was changed by another client: the operator sets its password again at the next resync. "
            + "With clientcert=verify-full in pg_hba.conf the server gives the same answer for a client certificate "
            + "that was issued to another name (the backend's spec.postgres.agentClientCertificateSecretRef).",
        PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "The role may not log in, or the server's pg_hba.conf only allows another way: with TLS (set the "
            + "backend's spec.postgres.sslMode to Require, VerifyCA or VerifyFull), with a client certificate for this "
            + "role (the backend's spec.postgres.agentClientCertificateSecretRef), or from other addresses. The "
            + "server's log says which.",
        PostgresErrorCodes.TooManyConnections =>
            "All connections of the server, the database or the role are in use; an agent takes up to 6. Raise "
            + "max_connections, put a pooler in front of the server, or keep fewer worlds there.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn
            or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidCatalogName =>
            "The world's schema or its grants are incomplete. The operator repairs both at the next resync, unless the "
            + "world's condition PostgresReady names an obstacle.",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            "The server accepts no writes: it is a standby, or default_transaction_read_only is on for the server, the "
            + "database or the role. The agent closes its sessions and retries the address.",
        PostgresErrorCodes.DuplicatePreparedStatement or PostgresErrorCodes.InvalidSqlStatementName =>
            "A pooler between agent and server shares a session among several clients. The agent retries without "
            + $"prepared statements; with {AetherVariables.PostgresPreparedStatements}=Never (the backend's "
            + "spec.postgres.preparedStatements) it starts without them.",
        _ => "The agent retries.",
    };
}
