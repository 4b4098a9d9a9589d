namespace Aether.Persistence.Migrations.World;

/// <summary>
/// The functions that make and drop partitions of <c>journal_blocks</c>. One holds 131072 commits, by the last of each
/// block, and is named after the first. Migrations that ran are never changed: another version of a function is
/// another migration's.
/// </summary>
internal static class JournalPartitions
{
    public const long Since = 202611230002;

    private const string Path = "search_path=pg_catalog, pg_temp";

    /// <summary>
    /// Makes what blocks that end after the journal's end and at or before <c>through_sequence</c> need, without a gap
    /// and 64 at once at most, and returns the last commit there is room for. A partition is attached, not created in
    /// place: that asks for no lock which a reader, a dump above all, or an append would have to give up first.
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
    /// Drops what ends at or before <c>through_sequence</c>, 16 at once at most, and returns how many; null where
    /// <c>writer_epoch</c> is not the world's. Appends wait while it waits for its lock, so it gives up soon and leaves
    /// them for the next time. The table is locked before the row, as an append does it, or the two would block each
    /// other; and the row is, so that no new writer comes about before what an old one asked for is done.
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
