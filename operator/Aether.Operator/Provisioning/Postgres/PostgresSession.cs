using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Pins what the operator's statements rely on. A database or a role may set any of these otherwise (ALTER DATABASE ...
/// SET, ALTER ROLE ... SET), and would then change what the catalogue prints, what statements mean or how long they may
/// take. Settings that a server's version does not have are left out.
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

    /// <summary>Pins them for a new session.</summary>
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
    /// Pins them for the transaction that has just begun. A session alone does not do: a migration resets its path, and
    /// a pooler may lend another session.
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
