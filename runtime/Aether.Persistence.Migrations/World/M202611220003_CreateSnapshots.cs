using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>
/// Manifests and chunks. The foreign key is checked at commit, so that a manifest can be written after its chunks.
/// </summary>
[Migration(202611220003, "snapshots and snapshot_chunks")]
public sealed class M202611220003_CreateSnapshots : Migration
{
    /// <inheritdoc />
    public override void Up()
    {
        Create.Table("snapshots")
            .WithColumn("sequence").AsInt64().PrimaryKey("snapshots_pkey")
            .WithColumn("epoch").AsInt64().PrimaryKey("snapshots_pkey")
            .WithColumn("captured_at").AsCustom("timestamptz").NotNullable()
            .WithColumn("state_digest").AsBinary().NotNullable()
            .WithColumn("keys").AsInt64().NotNullable()
            .WithColumn("format_version").AsInt32().NotNullable();
        Create.Table("snapshot_chunks")
            .WithColumn("sequence").AsInt64().PrimaryKey("snapshot_chunks_pkey")
            .WithColumn("epoch").AsInt64().PrimaryKey("snapshot_chunks_pkey")
            .WithColumn("ordinal").AsInt32().PrimaryKey("snapshot_chunks_pkey")
            .WithColumn("data").AsBinary().NotNullable();
        Execute.Sql("""
            ALTER TABLE "snapshots"
              ADD CONSTRAINT "snapshots_digest_size" CHECK (octet_length(state_digest) = 16);
            ALTER TABLE "snapshot_chunks"
              ADD CONSTRAINT "snapshot_chunks_manifest" FOREIGN KEY (sequence, epoch)
              REFERENCES "snapshots" (sequence, epoch) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
            """);
    }

    /// <inheritdoc />
    public override void Down()
    {
        Delete.Table("snapshot_chunks");
        Delete.Table("snapshots");
    }
}
