using Aether.Persistence.Wal;

namespace Aether.Persistence.State;

/// <summary>
/// Everything a log determines: state, idempotency keys, position. The live path and the replay apply commits
/// through the same method, so that they cannot differ. Not thread-safe.
/// </summary>
internal sealed class WorldState(PersistenceOptions options)
{
    /// <summary>Keys and values.</summary>
    public StateStore Store { get; } = new();

    /// <summary>Idempotency keys.</summary>
    public IdempotencyTable Idempotency { get; } = new(options.MaxIdempotencyKeys, options.IdempotencyAge);

    /// <summary>The last commit applied.</summary>
    public Sequence Sequence { get; private set; }

    /// <summary>Its time.</summary>
    public DateTimeOffset CommittedAt { get; private set; } = DateTimeOffset.UnixEpoch;

    /// <summary>Sets the position, for a state read from a snapshot.</summary>
    public void MoveTo(Sequence sequence, DateTimeOffset committedAt)
    {
        Sequence = sequence;
        CommittedAt = committedAt;
    }

    /// <summary>
    /// Applies the next commit, which stands in <paramref name="source"/>; nothing of it is held on to.
    /// </summary>
    public void Apply(
        ReadOnlySpan<byte> source, in WalEntry entry, ReadOnlySpan<StateChange> changes, Epoch epoch)
    {
        MoveTo(Sequence.Next, entry.CommittedAt);
        foreach (ref readonly var change in changes)
            Store.Apply(source, change, Sequence);
        if (entry.KeyLength > 0)
            Idempotency.Add(
                entry.KeyIn(source), entry.KeyHash, entry.ContentHash, Sequence, epoch, entry.CommittedAt);
    }
}
