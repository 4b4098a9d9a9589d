using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>The replicated log: one row per block.</summary>
[Migration(202611220002, "journal_blocks")]
public sealed class M202611220002_CreateJournal : Migration
{
    /// <inheritdoc />
    public override void Up()
    {
        Create.Table("journal_blocks")
            .WithColumn("first_sequence").AsInt64().PrimaryKey("journal_blocks_pkey")
            .WithColumn("last_sequence").AsInt64().NotNullable().Unique("journal_blocks_last_sequence_key")
            .WithColumn("epoch").AsInt64().NotNullable()
            .WithColumn("written_at").AsCustom("timestamptz").NotNullable()
            .WithColumn("state_digest").AsBinary().NotNullable()
            .WithColumn("block").AsBinary().NotNullable();
        Execute.Sql("""
            ALTER TABLE "journal_blocks"
              ADD CONSTRAINT "journal_blocks_order" CHECK (first_sequence >= 1 AND last_sequence >= first_sequence),
              ADD CONSTRAINT "journal_blocks_digest_size" CHECK (octet_length(state_digest) = 16);
            """);
    }

    /// <inheritdoc />
    public override void Down() => Delete.Table("journal_blocks");
}
