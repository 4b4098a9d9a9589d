using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Describes the servers that a commit at Replicated waits for, as far as any role may know. Only a monitoring role
/// sees the connected standbys, and a provider may replicate the server's disk without any setting for it.
/// </summary>
internal static class PostgresStandbys
{
    /// <summary>A sentence for the condition; empty if the world's journal is not in PostgreSQL.</summary>
    public static async Task<string> DescribeAsync(
        NpgsqlConnection connection, WorldProfile profile, CancellationToken cancellationToken)
    {
        if (profile.Journal != JournalKind.Postgres)
            return "";
        await using var read = new NpgsqlCommand(
            "SELECT pg_catalog.current_setting('synchronous_standby_names')", connection);
        return await read.ExecuteScalarAsync(cancellationToken) is string { Length: > 0 } names
            ? $" Commits at Replicated wait for synchronous_standby_names = '{names}'."
            : " Commits at Replicated wait for this server alone: synchronous_standby_names is empty, so a failover "
                + "to an asynchronous standby may lose the newest commits.";
    }
}
