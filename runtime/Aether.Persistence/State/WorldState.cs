namespace Aether.Persistence.State;

/// <summary>
/// Everything a log determines: state, idempotency keys, position. The live path (<see cref="ApplySoon"/>) and the
/// replay (<see cref="Apply"/>) differ in when keys and values are changed, not in how. Not thread-safe.
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

    /// <summary>Keys and values, after every commit applied.</summary>
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

    /// <summary>Bytes of all keys and values, or somewhat more; nothing has to be applied to know it.</summary>
    public long MostBytes => _store.Bytes + _buffer.Bytes;

    /// <summary>Bytes of the state's memory, or somewhat more; likewise.</summary>
    public long MostMemoryBytes => _store.MemoryBytes + _buffer.MemoryBytes;

    /// <summary>Idempotency keys.</summary>
    public IdempotencyTable Idempotency { get; }

    /// <summary>The last commit applied.</summary>
    public Sequence Sequence { get; private set; }

    /// <summary>Its time.</summary>
    public DateTimeOffset CommittedAt { get; private set; } = DateTimeOffset.UnixEpoch;

    /// <summary>
    /// Whether a commit was applied in part: something failed that cannot fail. The state is of no use any more, and
    /// its writer must end.
    /// </summary>
    public bool IsBroken { get; private set; }

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

    /// <summary>
    /// Allocates what <see cref="ApplySoon"/> of this commit needs, now and later. If this throws, nothing has changed,
    /// and the commit can be refused.
    /// </summary>
    public void Reserve(ReadOnlySpan<byte> source, in WalEntry entry, ReadOnlySpan<StateChange> changes)
    {
        // Whether a large value can take the place of the former one is known only once the state is up to date.
        var hasLarge = HasLarge(changes);
        if (hasLarge)
            _ = Store;
        if (entry.KeyLength > 0)
            Idempotency.Reserve(entry.KeyLength);
        _buffer.Reserve(source, changes, applyAtOnce: hasLarge);
    }

    /// <summary>
    /// As <see cref="Apply"/>, for a commit that <see cref="Reserve"/> was called for; keys and values follow when
    /// there are more, or somebody looks. Allocates nothing.
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
