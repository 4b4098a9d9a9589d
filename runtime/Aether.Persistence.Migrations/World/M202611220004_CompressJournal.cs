using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>
/// The agent compresses blocks if that pays, so PostgreSQL need not try again. No block may be larger than an agent
/// would read.
/// </summary>
[Migration(202611220004, "compressed blocks")]
public sealed class M202611220004_CompressJournal : Migration
{
    /// <inheritdoc />
    public override void Up()
    {
        Alter.Table("journal_blocks").AddColumn("brotli_size").AsInt32().Nullable();
        Execute.Sql("""
            ALTER TABLE "journal_blocks"
              ALTER COLUMN "block" SET STORAGE EXTERNAL,
              ADD CONSTRAINT "journal_blocks_size"
                CHECK (octet_length(block) <= 33554432 AND brotli_size <= 33554432);
            """);
    }

    /// <inheritdoc />
    public override void Down()
    {
        // An older agent would consider a compressed block damaged.
        Execute.Sql("""
            DO $$ BEGIN
              IF EXISTS (SELECT FROM "journal_blocks" WHERE brotli_size IS NOT NULL) THEN
                RAISE EXCEPTION 'the journal holds compressed blocks, which the version before cannot read';
              END IF;
            END $$;
            ALTER TABLE "journal_blocks"
              DROP CONSTRAINT "journal_blocks_size",
              ALTER COLUMN "block" SET STORAGE EXTENDED;
            """);
        Delete.Column("brotli_size").FromTable("journal_blocks");
    }
}
