using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.Benchmarks.Systems.Aether;
using Aether.Benchmarks.Systems.Postgres;
using Aether.Persistence.Contracts;
using Aether.Persistence.Storage;

namespace Aether.Benchmarks.Families;

/// <summary>Commits that are in PostgreSQL, synced, before they are acknowledged.</summary>
internal static class JournalPostgres
{
    private const int Pipelined = 64;

    public static IEnumerable<Benchmark> All(BenchmarkServers servers) =>
    [
        new()
        {
            Name = "journal.postgres.64",
            What = "Replicated in PostgreSQL, 64 writers waiting; pipelined: 64 in flight per writer",
            Writers = 64,
            WarmUp = TimeSpan.FromSeconds(5),
            Contestants =
            [
                Aether("aether", servers, inFlight: 1),
                Peer("insert", servers, PreparedRows.InsertAsync),
                Akka("akka", servers, inFlight: 1),
                Peer("marten", servers, MartenLog.OpenAsync),
                Aether("aether-pipelined", servers, Pipelined),
                Peer("copy", servers, CopyLog.OpenAsync, writers: 1),
                Akka("akka-pipelined", servers, Pipelined),
                Peer("marten-pipelined", servers, MartenBatches.OpenAsync, inFlight: Pipelined),
            ],
            Targets =
            [
                Target.Speed("aether", 6, "insert"),
                Target.Speed("aether", 5, "akka"),
                Target.Speed("aether", 10, "marten"),
                Target.Speed("aether-pipelined", 1, "copy"),
                Target.Speed("aether-pipelined", 5, "akka-pipelined"),
                Target.Speed("aether-pipelined", 5, "marten-pipelined"),
            ],
        },
    ];

    internal static LoadContestant Peer(
        string system,
        BenchmarkServers servers,
        Func<Workload, PostgresDatabase, Task<ISession>> open,
        int? writers = null,
        int inFlight = 1) =>
        new(system, async trial => await open(trial.Workload, await servers.PostgresAsync()))
        {
            Writers = writers,
            InFlight = inFlight,
        };

    private static LoadContestant Akka(string system, BenchmarkServers servers, int inFlight) =>
        Peer(
            system,
            servers,
            (workload, database) => AkkaLog.OpenAsync(workload, database, inFlight),
            inFlight: inFlight);

    internal static LoadContestant Aether(string system, BenchmarkServers servers, int inFlight) =>
        new(system, trial => OpenAetherAsync(trial, servers)) { InFlight = inFlight };

    private static async Task<ISession> OpenAetherAsync(Trial trial, BenchmarkServers servers)
    {
        var database = await servers.PostgresAsync();
        var schema = await database.NewSchemaAsync();
        await AetherOnPostgres.PrepareAsync(schema);
        var engine = await AetherOnPostgres.OpenAsync(
            trial.Workload, Durability.Replicated, schema, new LocalFileSystem(trial.Folder));
        return new OwningSession(engine, schema);
    }
}
