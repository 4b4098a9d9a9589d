using System.Net.Sockets;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>Tells a database that is away, or refuses the world for now, from a defect of this program.</summary>
internal static class PostgresFailures
{
    public const string Store = "postgres";

    private const string TrustServer =
        $"{AetherVariables.PostgresRootCertificate} (the backend's spec.postgres.caSecretRef) must hold the CA of its "
        + $"certificate, and {nameof(SslMode.VerifyFull)} wants it issued to {AetherVariables.PostgresHost}.";

    public static bool IsOutage(Exception exception) => exception switch
    {
        // What the world lacks until the operator has migrated or repaired it.
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => true,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedColumn } => true,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedFunction } => true,
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => true,
        // Data, constraints and syntax: retrying changes nothing, and hiding it would.
        PostgresException answer => answer.SqlState[..2] is not ("22" or "23" or "42"),
        NpgsqlException or TimeoutException => true,
        _ => false,
    };

    public static StoreUnavailableException Translate(Exception exception) =>
        new(Store, Describe(exception), exception);

    /// <summary>Whether a row has no partition it belongs to: the check of no constraint that has a name.</summary>
    public static bool IsWithoutPartition(PostgresException answer) =>
        answer is { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null };

    /// <summary>
    /// Whether a commit was not waited for until a synchronous standby has it. The text is in the server's language,
    /// and the SQLSTATE that of any warning; the source file is neither.
    /// </summary>
    public static bool IsWithoutStandby(PostgresNotice notice) => notice.File == "syncrep.c";

    public static StoreUnavailableException Translate(PostgresNotice warning) => new(
        Store,
        $"{warning.MessageText}. {warning.Detail} It is tried again: bring the standby back, or take it off "
        + "synchronous_standby_names.");

    private static string Describe(Exception exception) => exception switch
    {
        PostgresException answer => $"{answer.MessageText} (SQLSTATE {answer.SqlState}). {NextStep(answer.SqlState)}",
        { InnerException: TimeoutException } or TimeoutException => "no answer in time",
        _ when TlsFailures.Find(exception) is { } failure => TlsFailures.Describe(failure, TrustServer),
        { InnerException: SocketException inner } => $"{exception.Message}: {inner.Message}",
        { InnerException: { } inner } => $"{exception.Message} {inner.Message}",
        _ => exception.Message,
    };

    private static string NextStep(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "The operator keeps role, password and Secret of the world together: see the world's conditions.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn
            or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidCatalogName =>
            "The operator brings schema and grants back: see the world's conditions.",
        _ => "It is tried again.",
    };
}
