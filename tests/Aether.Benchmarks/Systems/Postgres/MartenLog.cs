using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using JasperFx.Events;
using Marten;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>Marten in quick append mode: a stream per writer, a session and one event per write.</summary>
internal sealed class MartenLog : ISession
{
    private readonly Workload _workload;
    private readonly PostgresSchema _schema;
    private readonly DocumentStore _store;
    private readonly ConcurrentBag<string> _free;

    private MartenLog(Workload workload, PostgresSchema schema, DocumentStore store)
    {
        _workload = workload;
        _schema = schema;
        _store = store;
        _free = [.. Enumerable.Range(0, workload.Writers).Select(i => $"writer-{i}")];
    }

    public static async Task<ISession> OpenAsync(Workload workload, PostgresDatabase database)
    {
        var schema = await database.NewSchemaAsync();
        return new MartenLog(workload, schema, await StartAsync(schema));
    }

    /// <summary>A store with its tables.</summary>
    public static async Task<DocumentStore> StartAsync(PostgresSchema schema)
    {
        var store = DocumentStore.For(options =>
        {
            options.Connection(schema.ConnectionString);
            options.DatabaseSchemaName = schema.Name;
            options.DisableNpgsqlLogging = true;
            options.Events.AppendMode = EventAppendMode.Quick;
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AddEventType<Written>();
        });
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        return store;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n)
    {
        if (!_free.TryTake(out var stream))
            throw new InvalidOperationException("There are more writers than streams.");
        await using (var session = _store.LightweightSession())
        {
            session.Events.Append(stream, new Written(Workload.Key(n).Id, _workload.Value(n)));
            await session.SaveChangesAsync();
        }
        _free.Add(stream);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _schema.DisposeAsync();
    }
}
