using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>
/// The values of critical keys, for readers by SQL; the kinds that the table shows; and the commit that it has reached.
/// Keys are compared by their bytes, as in the engine, so that no collation can treat two keys as one.
/// </summary>
[Migration(202611230001, "critical_state")]
public sealed class M202611230001_ProjectCriticalState : Migration
{
    /// <inheritdoc />
    public override void Up()
    {
        Execute.Sql("""
            CREATE TABLE "critical_state" (
              kind text COLLATE "C" NOT NULL,
              id text COLLATE "C" NOT NULL,
              version bigint NOT NULL,
              value bytea NOT NULL,
              CONSTRAINT "critical_state_pkey" PRIMARY KEY (kind, id));
            ALTER TABLE "world"
              ADD COLUMN projected_kinds text[] NOT NULL DEFAULT '{}',
              ADD COLUMN projected_sequence bigint NOT NULL DEFAULT 0;
            """);
    }

    /// <inheritdoc />
    public override void Down()
    {
        Delete.Column("projected_kinds").Column("projected_sequence").FromTable("world");
        Delete.Table("critical_state");
    }
}
