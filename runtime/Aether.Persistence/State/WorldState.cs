using Aether.Persistence.Wal;

namespace Aether.Persistence.State;

/// <summary>
/// Everything a log determines: state, idempotency keys, position. The live path (<see cref="ApplySoon"/>) and the
/// replay (<see cref="Apply"/>) differ in when keys and values are changed, not in how. Not thread-safe.
/// </summary>
internal sealed class WorldState(PersistenceOptions options)
{
    private readonly StateStore _store = new();
    private readonly DelayedChanges _delayed = new();

    /// <summary>Keys and values, after every commit applied.</summary>
    public StateStore Store
    {
        get
        {
            if (!_delayed.IsEmpty)
                _delayed.ApplyTo(_store);
            return _store;
        }
    }

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
        var store = Store;
        foreach (ref readonly var change in changes)
            store.Apply(source, change, Sequence);
        Remember(source, entry, epoch);
    }

    /// <summary>As <see cref="Apply"/>, but keys and values follow when there are more, or somebody looks.</summary>
    public void ApplySoon(
        ReadOnlySpan<byte> source, in WalEntry entry, ReadOnlySpan<StateChange> changes, Epoch epoch)
    {
        MoveTo(Sequence.Next, entry.CommittedAt);
        _delayed.Add(source, changes, Sequence);
        if (_delayed.IsFull)
            _delayed.ApplyTo(_store);
        Remember(source, entry, epoch);
    }

    private void Remember(ReadOnlySpan<byte> source, in WalEntry entry, Epoch epoch)
    {
        if (entry.KeyLength > 0)
            Idempotency.Add(
                entry.KeyIn(source), entry.KeyHash, entry.ContentHash, Sequence, epoch, entry.CommittedAt);
    }
}
