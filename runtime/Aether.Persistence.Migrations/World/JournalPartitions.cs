namespace Aether.Persistence.Migrations.World;

/// <summary>
/// The functions that create and drop partitions of <c>journal_blocks</c>. A partition holds 131072 commits, by the
/// last commit of each block, and is named after the first. A migration that has run never changes: a new version of a
/// function belongs to a new migration.
/// </summary>
internal static class JournalPartitions
{
    public const long Since = 202611230002;

    private const string Path = "search_path=pg_catalog, pg_temp";

    /// <summary>
    /// Creates the partitions for blocks that end after the journal's end and at or before <c>through_sequence</c>,
    /// without a gap and at most 64 at once, and returns the last commit for which there is room. A partition is
    /// created and then attached: unlike creating it in place, this needs no lock for which a reader, such as a dump,
    /// or an append would have to finish first.
    /// </summary>
    public static readonly WorldFunction Make = new(
        Since, "make_journal_partitions", "through_sequence bigint", "bigint", "bigint",
        [Path],
        """

        DECLARE
          size CONSTANT bigint := 131072;
          parent CONSTANT regclass := $name${schema}.journal_blocks$name$;
          space CONSTANT text := (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = parent);
          reach bigint;
          made integer := 0;
        BEGIN
          EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);
          SELECT coalesce(max(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(\d+)''\)')::bigint), 0)
          INTO reach FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = parent;
          reach := greatest(reach, (SELECT (journal_last_sequence + 1) / size * size FROM {schema}.world));
          WHILE reach <= through_sequence AND made < 64 LOOP
            made := made + 1;
            EXECUTE format('CREATE TABLE %s.%I (LIKE %s INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING STORAGE)',
                           space, 'journal_blocks_' || reach, parent);
            EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s.%I FOR VALUES FROM (%s) TO (%s)',
                           parent, space, 'journal_blocks_' || reach, reach, reach + size);
            reach := reach + size;
          END LOOP;
          RETURN reach - 1;
        END
        """);

    /// <summary>
    /// Drops the partitions that end at or before <c>through_sequence</c>, at most 16 at once, and returns how many;
    /// null if <c>writer_epoch</c> is not the world's epoch. While this transaction waits for its lock, appends queue
    /// behind it; so it gives up soon, and the next call drops the rest. The table is locked before the row, in the
    /// same order as in an append, because otherwise the two could deadlock. The row is locked so that no new writer
    /// can open the world before the old writer's request is done.
    /// </summary>
    public static readonly WorldFunction Drop = new(
        Since, "drop_journal_partitions", "writer_epoch bigint, through_sequence bigint", "bigint, bigint", "integer",
        [Path, "lock_timeout=200"],
        """

        DECLARE
          parent CONSTANT regclass := $name${schema}.journal_blocks$name$;
          doomed regclass;
          dropped integer := 0;
        BEGIN
          PERFORM FROM {schema}.world WHERE epoch = writer_epoch;
          IF NOT FOUND THEN
            RETURN NULL;
          END IF;
          FOR doomed IN
            SELECT c.oid::regclass
            FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid,
              substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(\d+)''\)') AS bound
            WHERE i.inhparent = parent AND bound::bigint - 1 <= through_sequence
            ORDER BY bound::bigint LIMIT 16
          LOOP
            IF dropped = 0 THEN
              EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', parent);
              PERFORM FROM {schema}.world WHERE epoch = writer_epoch FOR SHARE;
              IF NOT FOUND THEN
                RETURN NULL;
              END IF;
            END IF;
            EXECUTE format('DROP TABLE %s', doomed);
            dropped := dropped + 1;
          END LOOP;
          RETURN dropped;
        EXCEPTION WHEN lock_not_available THEN
          RETURN 0;
        END
        """);
}
