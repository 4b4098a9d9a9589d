using Akka.Persistence;

namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>
/// An actor that persists the writes it receives: one after the other, or pipelined, all in its mailbox at once.
/// </summary>
internal sealed class PersistentWriter : ReceivePersistentActor
{
    private readonly List<byte[]> _batch = [];
    private readonly Queue<Persisted> _waiting = [];

    public PersistentWriter(string id, bool pipelined)
    {
        PersistenceId = id;
        if (pipelined)
        {
            Command<Persisted>(Collect);
            Command<Flush>(_ => PersistBatch());
        }
        else
        {
            Command<Persisted>(PersistOne);
        }
    }

    public override string PersistenceId { get; }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        while (_waiting.TryDequeue(out var write))
            write.Fail(cause);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        _waiting.Dequeue().Fail(cause);

    private void PersistOne(Persisted write)
    {
        _waiting.Enqueue(write);
        Persist(write.Value, _ => CompleteOldest());
    }

    // The flush is queued after the messages that are already in the mailbox, so all of them become one batch.
    private void Collect(Persisted write)
    {
        _waiting.Enqueue(write);
        _batch.Add(write.Value);
        if (_batch.Count == 1)
            Self.Tell(Flush.Instance, Self);
    }

    private void PersistBatch()
    {
        PersistAllAsync(_batch.ToArray(), _ => CompleteOldest());
        _batch.Clear();
    }

    private void CompleteOldest() => _waiting.Dequeue().Complete();

    private sealed class Flush
    {
        public static Flush Instance { get; } = new();
    }
}
