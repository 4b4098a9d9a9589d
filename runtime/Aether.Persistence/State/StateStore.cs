using System.Runtime.CompilerServices;

namespace Aether.Persistence.State;

/// <summary>The state of a world in memory, with its digest. Not thread-safe: the queue's gate guards it.</summary>
internal sealed class StateStore
{
    /// <summary>
    /// Most changes that <see cref="Prefetch"/> loads: few enough that their memory stays in the cache until they are
    /// applied.
    /// </summary>
    public const int MaxPrefetched = 128;

    private const int NotThere = -1;

    private readonly SlotTable _slots;
    private readonly KeyIndex _index;
    private readonly SlabHeap _heap;

    public StateStore(EngineMemory? memory = null)
    {
        memory ??= EngineMemory.OfProcess;
        _slots = new SlotTable(memory);
        _index = new KeyIndex(memory);
        _heap = new SlabHeap(_slots, memory);
    }

    /// <summary>Number of keys.</summary>
    public int Count => _slots.Count;

    /// <summary>Bytes of all keys and values.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of the memory that holds them.</summary>
    public long HeapBytes => _heap.Bytes;

    /// <summary>Bytes of all memory of the state: the entries and the index.</summary>
    public long MemoryBytes =>
        _heap.Bytes + _index.MemoryBytes + ((long)_slots.Capacity * Unsafe.SizeOf<Slot>());

    /// <summary>Digest of all entries.</summary>
    public StateDigest Digest { get; private set; }

    /// <summary>A copy of the value of a key.</summary>
    public StateValue? Find(StateKey key)
    {
        Span<byte> encoded = stackalloc byte[EncodedKey.MaxBytes];
        if (!EncodedKey.TryEncode(key, encoded, out var length))
            return null;
        encoded = encoded[..length];
        var number = Find(encoded, EncodedKey.Hash(encoded));
        if (number == NotThere)
            return null;
        ref readonly var slot = ref _slots[number];
        return new StateValue(_heap.Value(slot).ToArray(), slot.Version);
    }

    /// <summary>
    /// Version of the key of <paramref name="change"/>, whose bytes are in <paramref name="source"/>.
    /// </summary>
    public Sequence VersionOf(ReadOnlySpan<byte> source, in StateChange change) =>
        Find(change.KeyIn(source), change.KeyHash) is var number and not NotThere
            ? _slots[number].Version
            : Sequence.None;

    /// <summary>
    /// By how much the changes let <see cref="Bytes"/> grow; negative if it shrinks. A key that occurs twice counts
    /// twice.
    /// </summary>
    public long GrowthOf(ReadOnlySpan<byte> source, ReadOnlySpan<StateChange> changes)
    {
        long growth = 0;
        foreach (ref readonly var change in changes)
        {
            if (!change.IsRemoval)
                growth += EncodedKey.TextBytes(change.KeyLength) + change.ValueIn(source).Length;
            if (Find(change.KeyIn(source), change.KeyHash) is var number and not NotThere)
                growth -= EncodedKey.TextBytes(_slots[number].KeyLength) + _slots[number].ValueLength;
        }

        return growth;
    }

    /// <summary>Applies a change, whose bytes are in <paramref name="source"/>. No room may be reserved.</summary>
    public void Apply(ReadOnlySpan<byte> source, in StateChange change, Sequence version)
    {
        Reserve(source, new ReadOnlySpan<StateChange>(in change), default);
        ApplyReserved(source, change, version);
        Tidy();
    }

    /// <summary>
    /// Reserves room, so that applying the changes, and those for which <paramref name="before"/> was reserved,
    /// allocates nothing. If this throws, nothing has changed.
    /// </summary>
    /// <param name="source">The bytes that hold the changes.</param>
    /// <param name="changes">The changes. A large one only if the room reserved before is no longer needed.</param>
    /// <param name="before">The room reserved before.</param>
    public StateRoom Reserve(ReadOnlySpan<byte> source, ReadOnlySpan<StateChange> changes, StateRoom before)
    {
        var room = before;
        _heap.ClearPrepared();
        foreach (ref readonly var change in changes)
        {
            if (change.IsRemoval)
                continue;
            var size = change.RecordSize;
            if (!SlabHeap.IsLarge(size))
                room = room.With(size);
            else
            {
                room = room.With(0);

                // If the commit changes several keys, an earlier change of it may use up the old record's place.
                _heap.ReserveLarge(changes.Length == 1 ? Find(change.KeyIn(source), change.KeyHash) : NotThere, size);
            }
        }

        _slots.Reserve(room.Puts);
        _index.Reserve(room.Puts);
        _heap.ReserveShared(room.Bytes);
        return room;
    }

    /// <summary>Applies a change for which there is room. Allocates nothing.</summary>
    public void ApplyReserved(ReadOnlySpan<byte> source, in StateChange change, Sequence version)
    {
        var key = change.KeyIn(source);
        var number = Find(key, change.KeyHash);
        if (!change.IsRemoval)
            Put(number, key, source, change, version);
        else if (number != NotThere)
            Remove(number);
    }

    /// <summary>Frees memory where that is possible now. No room may be reserved.</summary>
    public void Tidy() => _heap.Tidy();

    /// <summary>
    /// Reads the memory that the changes will need, so that it is in the processor's cache when they are applied. Each
    /// step needs the result of the step before, so each step is done for all changes before the next step. Returns a
    /// meaningless sum (<see cref="CacheLine.Touch"/>).
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Prefetch(ReadOnlySpan<StateChange> changes)
    {
        var sum = 0;
        foreach (ref readonly var change in changes)
            sum += _index.Touch(change.KeyHash);

        Span<int> numbers = stackalloc int[Math.Min(changes.Length, MaxPrefetched)];
        for (var i = 0; i < numbers.Length; i++)
        {
            var at = KeyIndex.Start(changes[i].KeyHash);
            if (_index.TryNext(changes[i].KeyHash, ref at, out numbers[i]))
                sum += CacheLine.Touch(ref _slots[numbers[i]]);
        }

        foreach (var number in numbers)
        {
            if (number != NotThere)
                sum += _heap.Touch(_slots[number]);
        }

        return sum;
    }

    /// <summary>
    /// A lasting copy of the present state. It costs a copy of the slots (48 bytes a key); for that long a capture
    /// delays commits.
    /// </summary>
    public StateImage Copy() => new(_slots.Count, _slots.Copy(), _heap.Share());

    /// <summary>
    /// All entries, in no order, as of the moment when the first is read; until then it costs nothing.
    /// </summary>
    public IEnumerable<StateEntry> Enumerate()
    {
        foreach (var entry in Copy().Enumerate())
            yield return entry;
    }

    private int Find(ReadOnlySpan<byte> key, uint hash)
    {
        var at = KeyIndex.Start(hash);
        while (_index.TryNext(hash, ref at, out var number))
        {
            if (_heap.Key(_slots[number]).SequenceEqual(key))
                return number;
        }

        return NotThere;
    }

    private void Put(
        int number, ReadOnlySpan<byte> key, ReadOnlySpan<byte> source, in StateChange change, Sequence version)
    {
        var value = change.ValueIn(source);
        if (number == NotThere)
        {
            number = _slots.Add();
            _index.Add(change.KeyHash, number);
            Bytes += EncodedKey.TextBytes(key.Length) + value.Length;
        }
        else
        {
            Digest = Digest.Without(_slots[number].Hash);
            Bytes += value.Length - _slots[number].ValueLength;
        }

        _heap.Store(number, key, value);
        ref var slot = ref _slots[number];
        slot.KeyHash = change.KeyHash;
        slot.Version = version;
        slot.Hash = EntryHash.WithVersion(change.Hash, version);
        Digest = Digest.With(slot.Hash);
    }

    private void Remove(int number)
    {
        var slot = _slots[number];
        Bytes -= EncodedKey.TextBytes(slot.KeyLength) + slot.ValueLength;
        Digest = Digest.Without(slot.Hash);
        _index.Remove(slot.KeyHash, number);
        _heap.Remove(number);
    }
}
