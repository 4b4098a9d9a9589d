using System.Globalization;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// What every transaction rests on. It is set in the transaction itself, and verified there: a setting of the session
/// may be dropped by a pooler or reach another server session, and the database or the role may have other defaults.
/// </summary>
internal static class TransactionSettings
{
    /// <summary>Begins a transaction that sees what others committed, whatever the role's default is.</summary>
    public const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";

    // The first server with the setting transaction_timeout.
    private const int TransactionTimeoutSince = 17;

    /// <summary>
    /// The statement that sets them, for <see cref="VerifyAsync"/> to read the answer of. What an acknowledgement rests
    /// on: synchronous_commit is raised to 'on' and never lowered from 'remote_apply', and client_min_messages lets the
    /// server's warning through that a commit was not waited for. What else may come from the role or the database:
    /// timeouts that would end a recovery, a search_path with functions and operators of somebody else's, and how
    /// strings are written, in the bodies of the world's functions too.
    /// </summary>
    /// <param name="connection">An open connection to the server.</param>
    /// <param name="silence">
    /// Longest its client may be silent between two statements: a frozen former writer would keep the next one out by
    /// the rows it has locked.
    /// </param>
    /// <param name="longest">Longest a statement may take; zero: no limit.</param>
    public static string Statement(NpgsqlConnection connection, TimeSpan silence, TimeSpan longest = default) =>
        $"""
        SELECT pg_catalog.set_config('synchronous_commit',
            CASE WHEN pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'remote_apply'
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

    /// <summary>Reads what the server answered to <see cref="Statement"/>.</summary>
    /// <exception cref="StandbyException">The server is a standby.</exception>
    /// <exception cref="StoreUnavailableException">A commit could be lost after its answer.</exception>
    public static async Task VerifyAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        var (synchronousCommit, isStandby) = (reader.GetString(0), reader.GetBoolean(1));
        if (isStandby)
            throw new StandbyException();
        if (synchronousCommit is not ("on" or "remote_apply"))
            throw new StoreUnavailableException(
                PostgresFailures.Store,
                $"synchronous_commit is '{synchronousCommit}' after it was set to 'on' in the transaction, so a crash "
                + "of the server could lose what it has acknowledged. Nothing is acknowledged. Point the backend to a "
                + "PostgreSQL, or a pooler before it, that takes the setting.");
    }

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0}s");
}
