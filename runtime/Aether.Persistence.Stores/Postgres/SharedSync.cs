namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// How a commit becomes durable without a sync of its own (ADR 0047). It commits asynchronously; then the same session
/// waits until the server's WAL writer, which syncs for all sessions about five times per second, has synced it too.
/// </summary>
internal static class SharedSync
{
    /// <summary>
    /// The condition, in SQL: nobody but this server must have the commit, and the WAL writer syncs often enough.
    /// </summary>
    public const string IsPossible =
        "pg_catalog.current_setting('synchronous_standby_names') OPERATOR(pg_catalog.=) '' "
        + "AND CAST(pg_catalog.current_setting('wal_writer_delay') AS pg_catalog.interval) "
        + "OPERATOR(pg_catalog.<=) CAST('500ms' AS pg_catalog.interval)";

    /// <summary>
    /// The statement that waits, at most a second, and returns whether the WAL is synced up to where it ended when this
    /// statement began. The commit came before it in the same session, so it lies before that end. If the server
    /// crashes meanwhile, this session ends with it and gets no answer.
    /// </summary>
    /// <remarks>
    /// It does not wait if the commit itself did. pg_sleep depends on a column, so that it runs once for each row.
    /// </remarks>
    public const string Wait =
        $"""
        WITH RECURSIVE synced (wanted, reached, polls) AS (
          SELECT wanted, pg_catalog.pg_current_wal_flush_lsn() OPERATOR(pg_catalog.>=) wanted, 0
          FROM (SELECT pg_catalog.pg_current_wal_insert_lsn() AS wanted OFFSET 0) AS wal
          WHERE {IsPossible}
          UNION ALL
          SELECT wanted, pg_catalog.pg_current_wal_flush_lsn() OPERATOR(pg_catalog.>=) wanted,
            polls OPERATOR(pg_catalog.+) 1
          FROM synced, LATERAL pg_catalog.pg_sleep(0.05 OPERATOR(pg_catalog.+) 0 OPERATOR(pg_catalog.*) polls)
          WHERE NOT reached AND polls OPERATOR(pg_catalog.<) 20)
        SELECT pg_catalog.bool_or(reached) IS TRUE FROM synced
        """;
}
