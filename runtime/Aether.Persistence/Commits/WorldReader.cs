using System.Runtime.CompilerServices;
using Aether.Persistence.Contracts;
using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <summary>Reads the state and the watermarks. Thread-safe.</summary>
/// <param name="durability">Tells which durability callers can wait for.</param>
/// <param name="world">The state.</param>
/// <param name="queue">Its gate guards the state.</param>
/// <param name="epoch">Epoch of this writer.</param>
/// <param name="flusher">Flushes commits that a caller waits for; null for a world without a log.</param>
/// <param name="hasJournal">Whether the world has a journal.</param>
/// <param name="acknowledger">Knows the watermarks.</param>
/// <param name="endWriter">Ends the writer if a read finds the state broken.</param>
internal sealed class WorldReader(
    DurabilityPolicy durability,
    WorldState world,
    BlockQueue queue,
    Epoch epoch,
    LogFlusher? flusher,
    bool hasJournal,
    Acknowledger acknowledger,
    Action<Exception> endWriter)
{
    /// <summary>Reads a key; see <see cref="Runtime.PersistenceRuntime.GetAsync"/>.</summary>
    public async ValueTask<StateRead> GetAsync(StateKey key, bool confirmed, CancellationToken cancellationToken)
    {
        if (confirmed)
            durability.CheckConfirmedReads();
        acknowledger.ThrowIfFailed();
        var read = Read(world => new StateRead(world.Store.Find(key), world.Sequence));

        if (confirmed)
        {
            flusher?.FlushNow();
            await acknowledger.Durable.WaitForAsync(read.Value?.Version ?? read.AsOf, cancellationToken);
        }

        return read;
    }

    /// <summary>The state as of now, with everything else that a snapshot holds.</summary>
    public CapturedWorld Capture()
    {
        acknowledger.ThrowIfFailed();
        return Read(world => new CapturedWorld(
            new StateView(world.Sequence, epoch, world.Store.Digest, world.Store.Copy()),
            world.Idempotency.Copy(),
            world.Idempotency.Forgotten,
            world.CommittedAt));
    }

    /// <summary>Sequence, keys, bytes and digest at one moment.</summary>
    public (Sequence Sequence, int Keys, long Bytes, StateDigest Digest) Measure() => Read(
        static world => (world.Sequence, world.Store.Count, world.Store.Bytes, world.Store.Digest));

    /// <summary>Bytes of memory that the state takes, rounded up.</summary>
    public long MeasureMemory() => Read(static world => world.MostMemoryBytes);

    /// <summary>Bytes of commits that are not synced yet.</summary>
    public long QueuedBytes
    {
        get
        {
            lock (queue.Gate)
                return queue.Bytes;
        }
    }

    /// <summary>How far the world is durable now.</summary>
    public Watermarks Watermarks
    {
        get
        {
            // Read in this order: replicated is never ahead of durable, and durable never ahead of the applied
            // sequence.
            var (replicated, durable) = (acknowledger.Replicated.Value, acknowledger.Durable.Value);
            return new Watermarks(Measure().Sequence, durable, replicated);
        }
    }

    /// <summary>See <see cref="Runtime.PersistenceRuntime.WaitForAsync"/>.</summary>
    public async Task WaitForAsync(Sequence sequence, Durability level, CancellationToken cancellationToken)
    {
        durability.CheckAwaitable(level);
        if (Measure().Sequence is var applied && sequence > applied)
            throw new InvalidCommitException(
                "sequence", $"{sequence} is not the sequence of a commit yet; the last commit is {applied}");

        flusher?.FlushNow();
        await acknowledger.WaitUntilAsync(sequence, level, cancellationToken);
    }

    /// <summary>
    /// Flushes, and waits until a commit is in the log, and in the journal if the world has one. Unlike
    /// <see cref="WaitForAsync"/> it does not ask whether this writer may acknowledge.
    /// </summary>
    public async Task WaitUntilStoredAsync(Sequence sequence, CancellationToken cancellationToken)
    {
        if (flusher is null)
            return;
        flusher.FlushNow();
        await acknowledger.Durable.WaitForAsync(sequence, cancellationToken);
        if (hasJournal)
            await acknowledger.Replicated.WaitForAsync(sequence, cancellationToken);
    }

    /// <summary>See <see cref="Runtime.PersistenceRuntime.WatchAsync"/>.</summary>
    public async IAsyncEnumerable<Watermarks> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = Watermarks;
            yield return now;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await await Task.WhenAny(
                acknowledger.Durable.WaitForAsync(now.Durable.Next, either.Token),
                acknowledger.Replicated.WaitForAsync(now.Replicated.Next, either.Token));
            await either.CancelAsync();
        }
    }

    // Calls <paramref name="read"/> while this thread holds the queue's gate.
    private T Read<T>(Func<WorldState, T> read)
    {
        try
        {
            lock (queue.Gate)
                return read(world);
        }
        catch (Exception exception)
        {
            // Reading applies buffered changes. If that fails, the state in memory is no longer usable.
            if (queue.IsBroken)
                endWriter(exception);
            throw;
        }
    }
}
