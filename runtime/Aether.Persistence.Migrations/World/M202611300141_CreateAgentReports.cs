using FluentMigrator;

namespace Aether.Persistence.Migrations.World;

/// <summary>
/// The last report of each agent, for worlds whose agents do not report by NATS. Unlogged: a crash of the server
/// empties the table, and the agents fill it again within seconds.
/// </summary>
[Migration(Since, "agent_reports")]
public sealed class M202611300141_CreateAgentReports : Migration
{
    internal const long Since = 202611300141;

    /// <inheritdoc />
    public override void Up() => Execute.Sql(DefinitionOf("\"agent_reports\""));

    /// <inheritdoc />
    public override void Down() => Delete.Table("agent_reports");

    // Half of each page stays free, so that the next report of a pod fits beside the previous one.
    internal static string DefinitionOf(string table) =>
        $"""
        CREATE UNLOGGED TABLE {table} (
          pod text COLLATE "C" CONSTRAINT "agent_reports_pkey" PRIMARY KEY,
          sent_at timestamptz NOT NULL,
          report bytea NOT NULL,
          CONSTRAINT "agent_reports_pod_size" CHECK (octet_length(pod) <= 253),
          CONSTRAINT "agent_reports_size" CHECK (octet_length(report) <= 4096)
        ) WITH (fillfactor = 50)
        """;
}
