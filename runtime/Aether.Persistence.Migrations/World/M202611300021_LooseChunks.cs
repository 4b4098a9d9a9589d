using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>
/// Chunks may exist before their manifest: a snapshot is stored in pieces, and exists once its manifest does. The
/// world's writer deletes chunks without a manifest.
/// </summary>
[Migration(Since, "snapshots in pieces")]
public sealed class M202611300021_LooseChunks : Migration
{
    internal const long Since = 202611300021;

    /// <inheritdoc />
    public override void Up() => Execute.Sql("""
        SET LOCAL lock_timeout = '5s';
        ALTER TABLE "snapshot_chunks" DROP CONSTRAINT IF EXISTS "snapshot_chunks_manifest";
        """);

    /// <inheritdoc />
    public override void Down() => Execute.Sql("""
        SET LOCAL lock_timeout = '5s';
        DELETE FROM "snapshot_chunks" AS c WHERE NOT EXISTS (
          SELECT FROM "snapshots" AS s WHERE s.sequence = c.sequence AND s.epoch = c.epoch);
        ALTER TABLE "snapshot_chunks"
          ADD CONSTRAINT "snapshot_chunks_manifest" FOREIGN KEY (sequence, epoch)
          REFERENCES "snapshots" (sequence, epoch) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
        """);
}
