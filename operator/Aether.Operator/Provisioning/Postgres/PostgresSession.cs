using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Pins the settings that the operator's statements rely on. A database or a role may set them otherwise (ALTER
/// DATABASE ... SET, ALTER ROLE ... SET), and so change the catalogue's output, the meaning of statements or their time
/// limits. Settings that the server's version lacks are skipped.
/// </summary>
internal static class PostgresSession
{
    private const string Settings = """
        ('search_path', 'pg_catalog, pg_temp'),
        ('quote_all_identifiers', 'off'),
        ('standard_conforming_strings', 'on'),
        ('backslash_quote', 'safe_encoding'),
        ('check_function_bodies', 'on'),
        ('client_min_messages', 'warning'),
        ('datestyle', 'ISO, YMD'),
        ('intervalstyle', 'postgres'),
        ('bytea_output', 'hex'),
        ('array_nulls', 'on'),
        ('default_transaction_read_only', 'off'),
        ('default_transaction_deferrable', 'off'),
        ('default_transaction_isolation', 'read committed'),
        ('statement_timeout', '0'),
        ('transaction_timeout', '0'),
        ('lock_timeout', '0'),
        ('idle_in_transaction_session_timeout', '0'),
        ('idle_session_timeout', '0')
        """;

    /// <summary>Pins the settings for a new session.</summary>
    public static void Pin(NpgsqlConnection connection)
    {
        using var command = Command(connection, isLocal: false);
        command.ExecuteNonQuery();
    }

    /// <inheritdoc cref="Pin"/>
    public static async Task PinAsync(NpgsqlConnection connection)
    {
        await using var command = Command(connection, isLocal: false);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Pins the settings for the transaction that has just begun. Pinning the session does not suffice: a migration
    /// resets the search path, and a pooler may switch sessions.
    /// </summary>
    public static async Task PinTransactionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, isLocal: true);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, bool isLocal) => new(
        $"""
        SELECT pg_catalog.set_config(pinned.name, pinned.value, {(isLocal ? "true" : "false")})
        FROM (VALUES {Settings}) AS pinned (name, value)
        WHERE pg_catalog.current_setting(pinned.name, true) IS NOT NULL
        """,
        connection);
}
