using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Sql;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>
/// Akka.Persistence.Sql: a persistent actor per writer, one event per write. The plugin batches over actors.
/// </summary>
internal sealed class AkkaLog : ISession
{
    // Measured to be faster than the defaults (100, 5,000) with thousands of pending events.
    private const int PipelinedBatch = 1000;
    private const int PipelinedBuffer = 50_000;

    private readonly Workload _workload;
    private readonly PostgresSchema _schema;
    private readonly ActorSystem _system;
    private readonly ConcurrentBag<IActorRef> _free = [];

    private AkkaLog(Workload workload, PostgresSchema schema, Config config)
    {
        _workload = workload;
        _schema = schema;
        _system = ActorSystem.Create("benchmark", config.WithFallback(SqlPersistence.DefaultConfiguration));
    }

    /// <summary>Opens it, with that many pending events per actor.</summary>
    public static async Task<ISession> OpenAsync(Workload workload, PostgresDatabase database, int inFlight)
    {
        var schema = await database.NewSchemaAsync();
        var log = new AkkaLog(workload, schema, Configure(schema, inFlight > 1));
        for (var i = 0; i < workload.Writers; i++)
        {
            var id = $"writer-{i}";
            var pipelined = inFlight > 1;
            var actor = log._system.ActorOf(Props.Create(() => new PersistentWriter(id, pipelined)), id);
            for (var j = 0; j < inFlight; j++)
                log._free.Add(actor);
        }
        return log;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n)
    {
        if (!_free.TryTake(out var actor))
            throw new InvalidOperationException("There are more writers than actors.");
        var write = new Persisted(Workload.Key(n).Id, _workload.Value(n));
        actor.Tell(write);
        await write.Done;
        _free.Add(actor);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _system.Dispose();
        await _schema.DisposeAsync();
    }

    private static Config Configure(PostgresSchema schema, bool pipelined)
    {
        var batches = pipelined ? $"batch-size = {PipelinedBatch}\nbuffer-size = {PipelinedBuffer}" : "";
        return ConfigurationFactory.ParseString(
            $$"""
            akka.loglevel = ERROR
            akka.stdout-loglevel = ERROR
            akka.persistence {
              max-concurrent-recoveries = 64
              journal.plugin = "akka.persistence.journal.sql"
              journal.sql {
                connection-string = "{{schema.ConnectionString}}"
                provider-name = "PostgreSQL.15"
                {{batches}}
              }
            }
            """);
    }
}
