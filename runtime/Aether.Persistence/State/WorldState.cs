namespace Aether.Persistence.State;

/// <summary>
/// Everything that a log determines: state, idempotency keys, position. The live path (<see cref="ApplySoon"/>) and the
/// replay (<see cref="Apply"/>) differ in when they change keys and values, not in how. Not thread-safe.
/// </summary>
internal sealed class WorldState
{
    private readonly StateStore _store;
    private readonly StateChangeBuffer _buffer;

    public WorldState(PersistenceOptions options)
    {
        _store = new StateStore(options.Memory);
        _buffer = new StateChangeBuffer(_store, options.Memory);
        Idempotency = new IdempotencyTable(options.MaxIdempotencyKeys, options.IdempotencyAge, options.Memory);
    }

    /// <summary>Keys and values after every applied commit.</summary>
    public StateStore Store
    {
        get
        {
            if (!_buffer.IsEmpty && !IsBroken)
            {
                IsBroken = true;
                _buffer.Apply();
                IsBroken = false;
            }

            return _store;
        }
    }

    /// <summary>Bytes of all keys and values, rounded up; reading it applies no buffered changes.</summary>
    public long MostBytes => _store.Bytes + _buffer.Bytes;

    /// <summary>Bytes of the state's memory, rounded up; reading it applies no buffered changes.</summary>
    public long MostMemoryBytes => _store.MemoryBytes + _buffer.MemoryBytes;

    /// <summary>Idempotency keys.</summary>
    public IdempotencyTable Idempotency { get; }

    /// <summary>The last applied commit.</summary>
    public Sequence Sequence { get; private set; }

    /// <summary>Time of the last applied commit.</summary>
    public DateTimeOffset CommittedAt { get; private set; } = DateTimeOffset.UnixEpoch;

    /// <summary>
    /// Whether a commit was applied only in part, because a step failed that cannot fail. The state is unusable then,
    /// and its writer must end.
    /// </summary>
    public bool IsBroken { get; private set; }

    /// <summary>Sets the position, for a state read from a snapshot.</summary>
    public void MoveTo(Sequence sequence, DateTimeOffset committedAt)
    {
        Sequence = sequence;
        CommittedAt = committedAt;
    }

    /// <summary>
    /// Applies the next commit, whose bytes are in <paramref name="source"/>; keeps no reference to them.
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

    /// <summary>
    /// Allocates everything that <see cref="ApplySoon"/> needs for this commit, now and later. If this throws, nothing
    /// has changed, and the commit can be refused.
    /// </summary>
    public void Reserve(ReadOnlySpan<byte> source, in WalEntry entry, ReadOnlySpan<StateChange> changes)
    {
        // Only an up-to-date state shows whether a large value can overwrite the old one.
        var hasLarge = HasLarge(changes);
        if (hasLarge)
            _ = Store;
        if (entry.KeyLength > 0)
            Idempotency.Reserve(entry.KeyLength);
        _buffer.Reserve(source, changes, applyAtOnce: hasLarge);
    }

    /// <summary>
    /// As <see cref="Apply"/>, for a commit for which <see cref="Reserve"/> was called. Keys and values may change
    /// later: when there are more changes, or when the state is read. Allocates nothing.
    /// </summary>
    public void ApplySoon(
        ReadOnlySpan<byte> source, in WalEntry entry, ReadOnlySpan<StateChange> changes, Epoch epoch)
    {
        IsBroken = true;
        MoveTo(Sequence.Next, entry.CommittedAt);
        _buffer.Add(source, changes, Sequence);
        Remember(source, entry, epoch);
        IsBroken = false;
    }

    private static bool HasLarge(ReadOnlySpan<StateChange> changes)
    {
        foreach (ref readonly var change in changes)
        {
            if (!change.IsRemoval && SlabHeap.IsLarge(change.RecordSize))
                return true;
        }

        return false;
    }

    private void Remember(ReadOnlySpan<byte> source, in WalEntry entry, Epoch epoch)
    {
        if (entry.KeyLength > 0)
            Idempotency.Add(
                entry.KeyIn(source), entry.KeyHash, entry.ContentHash, Sequence, epoch, entry.CommittedAt);
    }
}
