using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>
/// The single row that says who may write and where the journal ends, and the history of the openings.
/// </summary>
[Migration(202611220001, "world and epochs")]
public sealed class M202611220001_CreateWorld : Migration
{
    /// <inheritdoc />
    public override void Up()
    {
        Create.Table("world")
            .WithColumn("id").AsInt16().PrimaryKey("world_pkey").WithDefaultValue(1)
            .WithColumn("epoch").AsInt64().NotNullable().WithDefaultValue(0)
            .WithColumn("holder").AsCustom("text").NotNullable().WithDefaultValue("")
            .WithColumn("volume_id").AsGuid().Nullable()
            .WithColumn("lease_expires_at").AsCustom("timestamptz").NotNullable()
            .WithColumn("journal_last_sequence").AsInt64().NotNullable().WithDefaultValue(0)
            .WithColumn("journal_last_epoch").AsInt64().NotNullable().WithDefaultValue(0)
            .WithColumn("journal_digest").AsBinary().NotNullable();
        Execute.Sql("""
            ALTER TABLE "world" ADD CONSTRAINT "world_has_one_row" CHECK (id = 1);
            ALTER TABLE "world" ADD CONSTRAINT "world_digest_size" CHECK (octet_length(journal_digest) = 16);
            INSERT INTO "world" (lease_expires_at, journal_digest)
            VALUES ('-infinity', decode(repeat('00', 16), 'hex'));
            """);
        Create.Table("epochs")
            .WithColumn("epoch").AsInt64().PrimaryKey("epochs_pkey")
            .WithColumn("holder").AsCustom("text").NotNullable()
            .WithColumn("volume_id").AsGuid().NotNullable()
            .WithColumn("opened_at").AsCustom("timestamptz").NotNullable();
    }

    /// <inheritdoc />
    public override void Down()
    {
        Delete.Table("epochs");
        Delete.Table("world");
    }
}
