using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Resolving;

namespace Aether.Operator.LiveStatus;

/// <summary>Polls the report tables of a backend's worlds whose agents have no NATS user.</summary>
internal sealed class PostgresReportReader(
    string backend,
    BackendResolver backends,
    LatestReports latest,
    StoreCircuits circuits,
    PostgresConnections connections,
    TimeProvider clock) : IReportReader
{
    /// <summary>How often the tables are read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ReportSource _source = new(backend, ReportChannel.Postgres);

    // The rows of the previous read: a row that has not changed since is not a new report.
    private HashSet<(string Schema, string Pod, long SentAt)> _read = [];

    public async Task ReadAsync(Action opened, CancellationToken cancellationToken)
    {
        var access = await backends.ResolvePostgresAsync(backend, cancellationToken);
        await circuits.UseAsync(
            PostgresProvisioner.PlaceOf(access),
            () => PostgresProvisioner.CheckAsync(connections, access, cancellationToken),
            () => PollAsync(access, opened, cancellationToken),
            cancellationToken);
    }

    private async Task<bool> PollAsync(PostgresAccess access, Action opened, CancellationToken cancellationToken)
    {
        var isOpen = false;
        while (true)
        {
            await connections.UseAsync(access, async data =>
            {
                await ReadTablesAsync(new ReportTables(data), cancellationToken);
                return true;
            });

            if (!isOpen)
                opened();
            isOpen = true;
            await Task.Delay(Interval, clock, cancellationToken);
        }
    }

    private async Task ReadTablesAsync(ReportTables tables, CancellationToken cancellationToken)
    {
        var read = new HashSet<(string, string, long)>();
        await foreach (var row in tables.ReadAsync(latest.SchemasOf(_source), cancellationToken))
        {
            var key = (row.Schema, row.Pod, row.SentAt);
            if (!_read.Contains(key))
                latest.TakeRow(_source, row.Schema, row.Report, clock.GetUtcNow() - row.Age);
            read.Add(key);
        }

        _read = read;
    }
}
