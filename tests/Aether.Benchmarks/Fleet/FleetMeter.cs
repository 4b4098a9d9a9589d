using System.Text;
using Aether.DevCluster.Clusters;
using Aether.TestServers;
using Npgsql;

namespace Aether.Benchmarks.Fleet;

/// <summary>Reads what a development cluster's servers and its operator have done so far.</summary>
internal sealed class FleetMeter
{
    // Linux counts processor time in ticks of this length (USER_HZ).
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly DevelopmentCluster _cluster;
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private long _auditRead;
    private long _apiRequests;

    private FleetMeter(DevelopmentCluster cluster) => _cluster = cluster;

    /// <summary>PostgreSQL that counts its statements.</summary>
    public static PostgresServerOptions Counting(PostgresServerOptions options) => options with
    {
        Settings = new Dictionary<string, string>(options.Settings)
        {
            ["shared_preload_libraries"] = "pg_stat_statements",
            // Statements that name a schema or a role count as one each.
            ["pg_stat_statements.max"] = "1000000",
        },
    };

    public static async Task<FleetMeter> StartAsync(DevelopmentCluster cluster, CancellationToken cancellationToken)
    {
        await using var data = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var install = data.CreateCommand("CREATE EXTENSION pg_stat_statements SCHEMA public");
        await install.ExecuteNonQueryAsync(cancellationToken);
        return new FleetMeter(cluster);
    }

    public async Task<FleetSample> ReadAsync(CancellationToken cancellationToken)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(_start);
        var (statements, logins, wal) = await ReadPostgresAsync(cancellationToken);
        return new FleetSample
        {
            Elapsed = elapsed,
            Processor = new Dictionary<string, TimeSpan>
            {
                ["operator"] = ProcessorTime(_cluster.Operator.ProcessId),
                ["postgres"] = ProcessorTime(_cluster.Postgres.Process!.Id),
                ["api server"] = ProcessorTime(_cluster.ApiServer.Process!.Id),
                ["etcd"] = ProcessorTime(_cluster.Etcd.Process!.Id),
                ["redis"] = ProcessorTime(_cluster.Redis.Process!.Id),
                ["nats"] = ProcessorTime(_cluster.Nats.Process!.Id),
            },
            ApiRequests = await CountApiRequestsAsync(cancellationToken),
            Statements = statements,
            Logins = logins,
            WalBytes = wal,
            RedisCommands = await ReadRedisAsync(cancellationToken),
        };
    }

    /// <summary>Resident memory of a process.</summary>
    public static long ResidentBytes(int processId) =>
        long.Parse(
            File.ReadLines($"/proc/{processId}/status")
                .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) << 10;

    /// <summary>Waits until the operator's caches are synced and it leads.</summary>
    public async Task WaitForLeaderAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var metrics = new Uri($"http://127.0.0.1:{_cluster.Operator.HealthPort}/metrics");
        while (!(await http.GetStringAsync(metrics, cancellationToken))
            .Contains("\naether_controller_leader 1\n", StringComparison.Ordinal))
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
    }

    private async Task<(long Statements, long Logins, long WalBytes)> ReadPostgresAsync(
        CancellationToken cancellationToken)
    {
        await using var data = NpgsqlDataSource.Create(_cluster.Postgres.AdminConnectionString);
        await using var command = data.CreateCommand(
            """
            SELECT (SELECT coalesce(sum(calls), 0)::bigint FROM public.pg_stat_statements),
                   (SELECT sum(sessions)::bigint FROM pg_catalog.pg_stat_database),
                   (pg_catalog.pg_current_wal_insert_lsn() - '0/0')::bigint
            """);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    private async Task<long> ReadRedisAsync(CancellationToken cancellationToken)
    {
        const string name = "total_commands_processed:";
        var info = await _cluster.Redis.ExecuteAsync(cancellationToken, "INFO", "stats");
        var line = info.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Trim(), CultureInfo.InvariantCulture);
    }

    // Each finished request is one line of the audit log; only what was added since the last reading is read.
    private async Task<long> CountApiRequestsAsync(CancellationToken cancellationToken)
    {
        await using var log = new FileStream(
            _cluster.ApiServer.AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(_auditRead, SeekOrigin.Begin);
        using var lines = new StreamReader(log, Encoding.UTF8);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains("\"stage\":\"ResponseComplete\"", StringComparison.Ordinal)
                && line.Contains(":aether-operator\"", StringComparison.Ordinal))
                _apiRequests++;
        }

        _auditRead = log.Position;
        return _apiRequests;
    }

    // Of the process, of the children that have ended, and of those that run.
    internal static TimeSpan ProcessorTime(int processId)
    {
        var ticks = Ticks(processId, withEnded: true);
        foreach (var child in File.ReadAllText($"/proc/{processId}/task/{processId}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries))
            ticks += Ticks(int.Parse(child, CultureInfo.InvariantCulture), withEnded: false);
        return ticks * Tick;
    }

    private static long Ticks(int processId, bool withEnded)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            // The second field is the name in parentheses, and may have spaces. utime, stime, cutime, cstime are the
            // 14th to 17th.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[11..(withEnded ? 15 : 13)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // A child has ended since the list was read: its parent counts it from then on.
            return 0;
        }
    }
}
