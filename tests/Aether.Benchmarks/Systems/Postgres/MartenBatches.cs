using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Marten;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>
/// Marten with pipelining as a user would write it: writes that arrive while a session is being saved form the next
/// session, with a few sessions at a time, each with its own stream.
/// </summary>
internal sealed class MartenBatches : ISession
{
    private const int Sessions = 4;
    private const int MaxBatch = 1000;

    private readonly Workload _workload;
    private readonly PostgresSchema _schema;
    private readonly DocumentStore _store;
    private readonly Channel<Persisted> _queue = Channel.CreateUnbounded<Persisted>();
    private readonly Task[] _saving;

    private MartenBatches(Workload workload, PostgresSchema schema, DocumentStore store)
    {
        _workload = workload;
        _schema = schema;
        _store = store;
        _saving = [.. Enumerable.Range(0, Sessions).Select(i => Task.Run(() => SaveAsync($"stream-{i}")))];
    }

    public static async Task<ISession> OpenAsync(Workload workload, PostgresDatabase database)
    {
        var schema = await database.NewSchemaAsync();
        return new MartenBatches(workload, schema, await MartenLog.StartAsync(schema));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n)
    {
        var write = new Persisted(Workload.Key(n).Id, _workload.Value(n));
        _queue.Writer.TryWrite(write);
        await write.Done;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAll(_saving);
        await _store.DisposeAsync();
        await _schema.DisposeAsync();
    }

    private async Task SaveAsync(string stream)
    {
        var batch = new List<Persisted>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var write))
                batch.Add(write);
            if (batch.Count > 0)
                await SaveAsync(stream, batch);
        }
    }

    private async Task SaveAsync(string stream, List<Persisted> batch)
    {
        try
        {
            await using var session = _store.LightweightSession();
            session.Events.Append(stream, batch.Select(write => new Written(write.Id, write.Value)));
            await session.SaveChangesAsync();
        }
        catch (Exception cause)
        {
            // The exception ends the run at the await of the write.
            batch.ForEach(write => write.Fail(cause));
            return;
        }
        batch.ForEach(write => write.Complete());
    }
}
