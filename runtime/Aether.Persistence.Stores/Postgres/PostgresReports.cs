using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// Sends the reports of an agent without NATS to the operator: a table of the world's schema keeps the last report of
/// each pod. The table is unlogged, so that a report needs neither WAL nor a wait for a disk or a standby.
/// </summary>
public sealed class PostgresReports(PostgresWorld world, string pod) : IReportChannel
{
    // Pods are replaced, and the operator ignores every report that is older than a day.
    private readonly string _write =
        $"""
        WITH past AS (
          DELETE FROM {world.Tables.AgentReports} WHERE sent_at < clock_timestamp() - interval '1 day' AND pod <> $1)
        INSERT INTO {world.Tables.AgentReports} (pod, sent_at, report) VALUES ($1, clock_timestamp(), $2)
        ON CONFLICT (pod) DO UPDATE SET sent_at = excluded.sent_at, report = excluded.report
        """;

    /// <inheritdoc />
    public TimeSpan Interval { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public async Task SendAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken)
    {
        await world.Renewal.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await world.RunAsync(
                async connection =>
                {
                    await using var command = new PostgresStatement(_write, connection);
                    command.Parameters.AddValue(pod);
                    command.Parameters.AddValue(report.ToBytea());
                    return await command.ExecuteNonQueryAsync(cancellationToken);
                },
                cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.CheckViolation)
        {
            // A report or pod name that is too long must not end the world.
            throw new StoreUnavailableException(
                PostgresFailures.Store,
                $"{refusal.MessageText}: the report has {report.Length} bytes, the pod's name {pod.Length} characters",
                refusal);
        }
    }
}
