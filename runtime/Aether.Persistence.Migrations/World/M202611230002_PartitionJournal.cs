using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>
/// The journal in partitions by sequence, which retention drops whole. The existing table becomes the first partition,
/// up to the next bound after the journal's end, so that nothing is copied, however large it is.
/// </summary>
[Migration(JournalPartitions.Since, "partitions of journal_blocks")]
public sealed class M202611230002_PartitionJournal : Migration
{
    /// <inheritdoc />
    public override void Up()
    {
        // While this transaction waits for a long reader, appends queue behind it.
        Execute.Sql("""
            SET LOCAL lock_timeout = '5s';
            ALTER TABLE "journal_blocks" RENAME TO "journal_blocks_0";
            ALTER TABLE "journal_blocks_0"
              DROP CONSTRAINT "journal_blocks_pkey",
              DROP CONSTRAINT IF EXISTS "journal_blocks_last_sequence_key";
            DROP INDEX IF EXISTS "journal_blocks_last_sequence_key";
            ALTER TABLE "journal_blocks_0" ADD CONSTRAINT "journal_blocks_0_pkey" PRIMARY KEY (last_sequence);
            CREATE TABLE "journal_blocks" (
              LIKE "journal_blocks_0" INCLUDING CONSTRAINTS INCLUDING STORAGE,
              CONSTRAINT "journal_blocks_pkey" PRIMARY KEY (last_sequence)) PARTITION BY RANGE (last_sequence);
            DO $do$ BEGIN
              EXECUTE format(
                'ALTER TABLE "journal_blocks" ATTACH PARTITION "journal_blocks_0" FOR VALUES FROM (0) TO (%s)',
                (SELECT (journal_last_sequence / 131072 + 1) * 131072 FROM "world"));
            END $do$;
            """);
        // The functions name the schema, whose name only the server knows here. It is always quoted, as in WorldShape.
        foreach (var statement in new[] { JournalPartitions.Make, JournalPartitions.Drop }
            .SelectMany(function => function.StatementsFor("{schema}")))
        {
            Execute.Sql($$"""
                DO $do$ BEGIN
                  EXECUTE replace($statement${{statement}}$statement$, '{schema}',
                                  '"' || replace(current_schema(), '"', '""') || '"');
                END $do$;
                """);
        }
    }

    /// <inheritdoc />
    public override void Down() => Execute.Sql($"""
        SET LOCAL lock_timeout = '5s';
        DROP FUNCTION "{JournalPartitions.Make.Name}"({JournalPartitions.Make.Types}),
          "{JournalPartitions.Drop.Name}"({JournalPartitions.Drop.Types});
        ALTER TABLE "journal_blocks" RENAME TO "journal_parts";
        ALTER TABLE "journal_parts" RENAME CONSTRAINT "journal_blocks_pkey" TO "journal_parts_pkey";
        CREATE TABLE "journal_blocks" (
          LIKE "journal_parts" INCLUDING CONSTRAINTS INCLUDING STORAGE,
          CONSTRAINT "journal_blocks_pkey" PRIMARY KEY (first_sequence),
          CONSTRAINT "journal_blocks_last_sequence_key" UNIQUE (last_sequence));
        INSERT INTO "journal_blocks" SELECT * FROM "journal_parts";
        DROP TABLE "journal_parts";
        """);
}
