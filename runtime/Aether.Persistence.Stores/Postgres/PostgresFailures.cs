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
        // What the world lacks until the operator has migrated or repaired it.
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => true,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedColumn } => true,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedFunction } => true,
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => true,
        // What a pooler hands out that mixes the sessions of several clients.
        PostgresException { SqlState: PostgresErrorCodes.DuplicatePreparedStatement } => true,
        // Data, constraints and syntax: retrying changes nothing, and hiding it would.
        PostgresException answer => answer.SqlState[..2] is not ("22" or "23" or "42"),
        NpgsqlException or TimeoutException or StandbyException => true,
        _ => false,
    };

    public static StoreUnavailableException Translate(Exception exception) =>
        new(Store, Describe(exception), exception);

    /// <summary>Whether the server takes no writes, so that its sessions are of no use.</summary>
    public static bool IsReadOnly(Exception exception) =>
        exception is StandbyException or PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>
    /// Whether a prepared statement is not there, is already, or is another one: a pooler gave its session to others.
    /// </summary>
    public static bool IsOfPreparedStatements(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.DuplicatePreparedStatement
            or PostgresErrorCodes.InvalidSqlStatementName
            or PostgresErrorCodes.ProtocolViolation,
    };

    /// <summary>Whether a row has no partition it belongs to: the check of no constraint that has a name.</summary>
    public static bool IsWithoutPartition(PostgresException answer) =>
        answer is { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null };

    /// <summary>
    /// Whether a commit was not waited for until a synchronous standby has it. The text is in the server's language,
    /// and the SQLSTATE that of any warning; the source file is neither.
    /// </summary>
    public static bool IsWithoutStandby(PostgresNotice notice) => notice.File == "syncrep.c";

    /// <summary>Whether the server refuses the password, of which there may be another.</summary>
    public static bool IsWrongPassword(Exception exception) =>
        Causes(exception).Any(cause => cause is PostgresException { SqlState: PostgresErrorCodes.InvalidPassword });

    /// <summary>Whether a server closed a connection that it had taken, with no word that arrived.</summary>
    public static bool IsCut(Exception exception) => !TlsFailures.IsOfTls(exception)
        && Causes(exception).Any(cause => cause is not PostgresException && cause.InnerException
            is IOException or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown });

    /// <summary>What failed: with several hosts there may be one cause for each.</summary>
    public static IEnumerable<Exception> Causes(Exception exception) =>
        exception.InnerException is AggregateException each ? each.InnerExceptions : [exception];

    public static StoreUnavailableException OtherSchema(string own, string other) => new(
        Store,
        $"{AetherVariables.PostgresSchema} is '{other}' now and was '{own}' when the agent started: it is read at the "
        + "start only. Restart the pod.");

    public static StoreUnavailableException Translate(PostgresNotice warning) => new(
        Store,
        $"{warning.MessageText}. {warning.Detail} It is tried again: bring the standby back, or take it off "
        + "synchronous_standby_names.");

    private static string Describe(Exception exception) => exception switch
    {
        PostgresException answer => $"{answer.MessageText} (SQLSTATE {answer.SqlState}). {NextStep(answer.SqlState)}",
        // One for each host that was tried.
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
            $"The role has another password than {AetherVariables.PostgresPassword}. A new one reaches the pod within "
            + "about two minutes of its change in the world's Secret, and is used without a restart. If this lasts, "
            + "somebody changed the role: the operator sets its password again at the next resync. With "
            + "clientcert=verify-full in pg_hba.conf the server says the same of a client certificate that is issued "
            + "to another name (the backend's spec.postgres.agentClientCertificateSecretRef).",
        PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "The role may not log in, or the server's pg_hba.conf lets it in another way only: with TLS (set the "
            + "backend's spec.postgres.sslMode to Require, VerifyCA or VerifyFull), with a client certificate for this "
            + "role (the backend's spec.postgres.agentClientCertificateSecretRef), or from other addresses. The "
            + "server's log says which.",
        PostgresErrorCodes.TooManyConnections =>
            "All connections of the server, the database or the role are in use; an agent takes up to 6. Raise "
            + "max_connections, put a pooler before the server, or keep fewer worlds there.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn
            or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidCatalogName =>
            "The world's schema or its grants are incomplete. The operator repairs both at the next resync, unless the "
            + "world's condition PostgresReady says what stands in the way.",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            "The server takes no writes: it is a standby, or default_transaction_read_only is on for the server, the "
            + "database or the role. Its sessions are closed and the address is tried again.",
        PostgresErrorCodes.DuplicatePreparedStatement or PostgresErrorCodes.InvalidSqlStatementName =>
            "Between agent and server is a pooler that gives a session to several clients. It is tried again without "
            + $"prepared statements; {AetherVariables.PostgresPreparedStatements}=Never (the backend's "
            + "spec.postgres.preparedStatements) has the agent begin so.",
        _ => "It is tried again.",
    };
}
