using System.Diagnostics;
using Aether.Persistence.Migrations;
using Aether.Persistence.Stores.Postgres;
using Aether.TestServers;
using Npgsql;

namespace Aether.Benchmarks.Fleet;

/// <summary>
/// The leases of many idle worlds on one PostgreSQL: each world has its own role and its own session, as an agent has,
/// and renews its lease every third of the lease's length, directly and through PgBouncer.
/// </summary>
/// <param name="Worlds">Number of worlds.</param>
internal sealed record LeaseFleet(int Worlds) : IFleetBenchmark
{
    // As docs/configuration.md recommends for many idle worlds.
    private const string Pooling =
        "max_client_conn = 20000\nserver_idle_timeout = 1\nmax_db_connections = 140\nlog_connections = 0";

    private static readonly ParallelOptions InTurns = new() { MaxDegreeOfParallelism = 4 };
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(500);

    /// <summary>Its name: "fleet.1000".</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"fleet.{Worlds}");

    public async Task<FleetReport> RunAsync(TextWriter progress)
    {
        await using var server = new PostgresServer(new PostgresServerOptions
        {
            MaxConnections = Worlds + 50,
            Settings = new Dictionary<string, string> { ["shared_buffers"] = "128MB" },
        });
        await server.StartAsync(CancellationToken.None);
        await using var pooler = new PgBouncerServer(server, "transaction", Pooling);
        await pooler.StartAsync(CancellationToken.None);
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);

        progress.WriteLine($"Creating {Worlds} worlds");
        var password = Secrets.NewPassword();
        await Parallel.ForAsync(
            0, Worlds, InTurns, async (index, token) => await CreateAsync(admin, index, password, token));
        return new FleetReport(
            Name,
            $"the leases of {Worlds} idle worlds on one PostgreSQL",
            [
                .. await MeasureAsync("direct, lease 10 s", server.Port, TimeSpan.FromSeconds(10), Worlds),
                .. await MeasureAsync("PgBouncer, lease 10 s", pooler.Port, TimeSpan.FromSeconds(10), 150),
                .. await MeasureAsync("PgBouncer, lease 60 s", pooler.Port, TimeSpan.FromSeconds(60), 150),
            ]);

        async Task<IEnumerable<FleetFigure>> MeasureAsync(string way, int port, TimeSpan lease, double sessions)
        {
            var options = new PostgresConnectionOptions
            {
                Host = server.Host,
                Port = port,
                Database = server.Database,
                Schema = "",
                Username = "",
                Password = password,
                SslMode = SslMode.Disable,
            };
            return await RestAsync(way, options, lease, sessions, server, admin, progress);
        }
    }

    private async Task<IEnumerable<FleetFigure>> RestAsync(
        string way,
        PostgresConnectionOptions options,
        TimeSpan lease,
        double mostSessions,
        PostgresServer server,
        NpgsqlDataSource admin,
        TextWriter progress)
    {
        progress.WriteLine($"{way}: opening");
        var agents = new LeaseFleetAgent[Worlds];
        await Parallel.ForAsync(0, Worlds, InTurns, async (index, token) =>
            agents[index] = await LeaseFleetAgent.OpenAsync(
                options with { Schema = Named(index), Username = Named(index) }, index, lease, token));

        using var end = new CancellationTokenSource();
        var lives = agents.Select((agent, index) => agent.KeepAsync(lease / 3 * index / Worlds, end.Token)).ToList();
        progress.WriteLine($"{way}: {(lease / 3) + Settle + Rest} at rest");
        await Task.Delay((lease / 3) + Settle, TimeProvider.System);

        var (begin, started) = (await LeaseFleetSample.ReadAsync(server, admin), Stopwatch.GetTimestamp());
        var renewed = agents.Sum(agent => agent.Renewals);
        var failed = agents.Sum(agent => agent.Failures);
        var sessions = new List<long>();
        while (Stopwatch.GetElapsedTime(started) < Rest)
        {
            await Task.Delay(Sample, TimeProvider.System);
            sessions.Add(await LeaseFleetSample.CountSessionsAsync(admin));
        }

        var (rest, seconds) =
            (await LeaseFleetSample.ReadAsync(server, admin) - begin, Stopwatch.GetElapsedTime(started).TotalSeconds);
        renewed = agents.Sum(agent => agent.Renewals) - renewed;
        failed = agents.Sum(agent => agent.Failures) - failed;
        await end.CancelAsync();
        await Task.WhenAll(lives);
        if (agents.FirstOrDefault(agent => agent.LastFailure is not null) is { } unlucky)
            progress.WriteLine(unlucky.LastFailure);
        return
        [
            new($"{way}: renewals", renewed / seconds, "/s"),
            new($"{way}: failed renewals", failed / seconds, "/s", 0),
            new($"{way}: syncs", rest.Syncs / seconds, "/s", 20),
            new($"{way}: server sessions, most", sessions.Max(), "", mostSessions),
            new($"{way}: server sessions, mean", sessions.Average(), ""),
            new($"{way}: logins to the server", rest.Logins / seconds, "/s"),
            new($"{way}: WAL", rest.WalBytes / seconds / 1000, "kB/s"),
            new($"{way}: PostgreSQL's processor", 100 * rest.Processor.TotalSeconds / seconds, "% of a core"),
        ];
    }

    private static async Task CreateAsync(
        NpgsqlDataSource admin, int index, string password, CancellationToken cancellationToken)
    {
        var name = Named(index);
        await using var connection = await admin.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"""
            CREATE SCHEMA {name};
            {WorldSchemaScript.For(name)};
            CREATE ROLE {name} LOGIN PASSWORD '{password}';
            GRANT USAGE ON SCHEMA {name} TO {name};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {name};
            """,
            connection,
            transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string Named(int index) => string.Create(CultureInfo.InvariantCulture, $"world_{index}");
}
