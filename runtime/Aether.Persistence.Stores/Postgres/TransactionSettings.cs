using System.Globalization;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The settings that every transaction relies on. They are set and verified in the transaction itself: a pooler may
/// drop a setting of the session or apply it to another server session, and the database or the role may have other
/// defaults.
/// </summary>
internal static class TransactionSettings
{
    /// <summary>Begins a transaction that sees the commits of others, whatever the role's default is.</summary>
    public const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";

    private const string WithoutSync = $"WHEN {SharedSync.IsPossible} THEN 'off'";

    // The first server version with the setting transaction_timeout.
    private const int TransactionTimeoutSince = 17;

    /// <summary>
    /// The statement that applies the settings; <see cref="VerifyAsync"/> reads its answer. An acknowledgement relies
    /// on two of them: synchronous_commit is raised to 'on' and never lowered from 'remote_apply', and
    /// client_min_messages lets the server's warning through if a commit did not wait for its standby. The others
    /// protect against settings of the role or the database: timeouts that would end a recovery, a search_path with
    /// other people's functions and operators, and how strings are parsed, also in the bodies of the world's functions.
    /// </summary>
    /// <param name="connection">An open connection to the server.</param>
    /// <param name="silence">
    /// Longest time that the client may be silent between two statements: otherwise a frozen former writer would lock
    /// the next one out by its row locks.
    /// </param>
    /// <param name="longest">Longest time for a statement; zero: no limit.</param>
    /// <param name="sharesSync">
    /// Whether the commit leaves its sync to the WAL writer, if possible (<see cref="SharedSync"/>).
    /// </param>
    public static string Statement(
        NpgsqlConnection connection, TimeSpan silence, TimeSpan longest = default, bool sharesSync = false) =>
        $"""
        SELECT pg_catalog.set_config('synchronous_commit', CASE {(sharesSync ? WithoutSync : "")}
            WHEN pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'remote_apply'
              THEN 'remote_apply' ELSE 'on' END, true),
          pg_catalog.pg_is_in_recovery(),
          pg_catalog.set_config('client_min_messages', 'warning', true),
          pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
          pg_catalog.set_config('standard_conforming_strings', 'on', true),
          pg_catalog.set_config('statement_timeout', '{Seconds(longest)}', true),
          pg_catalog.set_config('lock_timeout', '0', true),
          pg_catalog.set_config('idle_in_transaction_session_timeout', '{Seconds(silence)}', true)
        """ + (connection.PostgreSqlVersion.Major >= TransactionTimeoutSince
            ? ", pg_catalog.set_config('transaction_timeout', '0', true)"
            : "");

    /// <summary>
    /// Reads the server's answer to <see cref="Statement"/>. Returns whether the commit itself waits for the disk and
    /// the standbys; it does, unless <paramref name="sharesSync"/>.
    /// </summary>
    /// <exception cref="StandbyException">The server is a standby.</exception>
    /// <exception cref="StoreUnavailableException">A commit could be lost after it was acknowledged.</exception>
    public static async Task<bool> VerifyAsync(
        NpgsqlDataReader reader, CancellationToken cancellationToken, bool sharesSync = false)
    {
        await reader.ReadAsync(cancellationToken);
        var (synchronousCommit, isStandby) = (reader.GetString(0), reader.GetBoolean(1));
        if (isStandby)
            throw new StandbyException();
        if (sharesSync && synchronousCommit == "off")
            return false;
        if (synchronousCommit is not ("on" or "remote_apply"))
            throw new StoreUnavailableException(
                PostgresFailures.Store,
                $"synchronous_commit is '{synchronousCommit}' after it was set to 'on' in the transaction, so a crash "
                + "of the server could lose what it has acknowledged. Nothing is acknowledged. Point the backend to a "
                + "PostgreSQL, or a pooler in front of it, that accepts the setting.");
        return true;
    }

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0}s");
}
