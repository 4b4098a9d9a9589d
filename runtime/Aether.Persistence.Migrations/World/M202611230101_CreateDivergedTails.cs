using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>Diverged tails of logs, in the order in which they were found; the operator reports each once.</summary>
[Migration(202611230101, "diverged_tails")]
public sealed class M202611230101_CreateDivergedTails : Migration
{
    /// <inheritdoc />
    public override void Up() => Execute.Sql("""
        CREATE TABLE "diverged_tails" (
          number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT "diverged_tails_pkey" PRIMARY KEY,
          volume_id uuid NOT NULL,
          epoch bigint NOT NULL,
          first_sequence bigint NOT NULL,
          last_sequence bigint NOT NULL,
          folder text NOT NULL,
          overtaken_by text NOT NULL,
          found_at timestamptz NOT NULL,
          CONSTRAINT "diverged_tails_once" UNIQUE (volume_id, epoch, first_sequence)
        );
        """);

    /// <inheritdoc />
    public override void Down() => Delete.Table("diverged_tails");
}
