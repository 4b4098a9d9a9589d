namespace Aether.Persistence.State;

/// <summary>
/// The memory of a state: keys and values stand as records in slabs, so that a state of any size is a few large objects
/// to the garbage collector. A value is written over the former one if it takes as much room and no capture holds that;
/// else it is a new record at the end. A slab whose records are mostly outdated is emptied into the end and used again:
/// all slabs together are at most about twice as large as what they hold. Not thread-safe.
/// </summary>
/// <remarks>
/// Captures share the slabs. What a capture can see is never changed: a slab that was shared is dropped, not used
/// again, when its records are gone, and lives on as long as the capture does. (Log-structured memory: Rumble et al.,
/// "Log-structured Memory for DRAM-based Storage", FAST 2014.)
/// <para>
/// What was reserved is stored and removed without any allocation. Emptying a slab may allocate, so it is a step of its
/// own (<see cref="Tidy"/>), and is put off while there is no memory.
/// </para>
/// </remarks>
internal sealed class SlabHeap(SlotTable slots, EngineMemory memory)
{
    // The first slabs are small, for small worlds.
    private const int MinSlabBytes = 32 << 10;
    private const int MaxSlabBytes = 256 << 10;

    // Larger ones have a slab each.
    private const int MaxSharedRecord = MinSlabBytes / 4;
    private const int KeptSpares = 4;

    private readonly List<Slab?> _slabs = [];
    private readonly Stack<int> _freeNumbers = [];  // with room for all numbers
    private readonly Stack<Slab> _spares = new(KeptSpares);
    private readonly List<Slab> _prepared = [];  // a slab for each large record that was reserved
    private Slab? _sparse;
    private Slab _end = new([]) { Number = -1 };

    /// <summary>Bytes of all slabs.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether a record has a slab of its own.</summary>
    public static bool IsLarge(int recordSize) => recordSize > MaxSharedRecord;

    public ReadOnlySpan<byte> Key(in Slot slot) => slot.KeyIn(_slabs[slot.Slab]!.Bytes);

    public ReadOnlyMemory<byte> Value(in Slot slot) => slot.ValueIn(_slabs[slot.Slab]!.Bytes);

    /// <summary>Begins to read a record, of a large one the first few cache lines.</summary>
    public int Touch(in Slot slot)
    {
        const int Most = 512;
        var sum = 0;
        var record = _slabs[slot.Slab]!.Bytes.AsSpan(slot.Offset, Math.Min(slot.Size, Most));
        for (var i = 0; i < record.Length; i += CacheLine.Size)
            sum += CacheLine.Touch(ref record[i]);
        return sum;
    }

    /// <summary>Makes room for records of together so many bytes, none of them large.</summary>
    public void ReserveShared(long bytes)
    {
        if (bytes <= _end.Free)
            return;
        long room = UsableRoom(_end);
        foreach (var spare in _spares)
            room += UsableRoom(spare);
        while (room < bytes)
        {
            memory.EnsureCapacity(_spares, _spares.Count + 1);
            var slab = NewSlab();
            _spares.Push(slab);
            room += UsableRoom(slab);
        }

        ReserveNumbers(_spares.Count + _prepared.Count);
    }

    /// <summary>Forgets which large records were reserved before.</summary>
    public void ClearPrepared() => _prepared.Clear();

    /// <summary>
    /// Makes room for one more large record, for a slot (or -1), unless it can take the place of the former one.
    /// </summary>
    public void ReserveLarge(int number, int size)
    {
        if (number >= 0 && FitsInPlace(slots[number], size))
            return;
        memory.EnsureCapacity(_prepared, _prepared.Count + 1);
        ReserveNumbers(_spares.Count + _prepared.Count + 1);
        _prepared.Add(new Slab(memory.UninitializedBytes(size)));
    }

    /// <summary>Keeps key and value for a slot, instead of what was kept for it.</summary>
    public void Store(int number, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var size = SlabRecord.SizeOf(key.Length, value.Length);
        ref var slot = ref slots[number];
        if (FitsInPlace(slot, size))
        {
            slot.ValueLength = value.Length;
            SlabRecord.Write(_slabs[slot.Slab]!.Bytes.AsSpan(slot.Offset, size), number, key, value);
            return;
        }

        var slab = IsLarge(size) ? Add(TakePrepared(size)) : EndFor(size);
        var former = slot;
        slot.Slab = slab.Number;
        slot.KeyLength = key.Length;
        slot.ValueLength = value.Length;
        slot.Offset = Append(slab, size);
        SlabRecord.Write(slab.Bytes.AsSpan(slot.Offset, size), number, key, value);
        if (!former.IsFree)
            Release(former);
    }

    /// <summary>Keeps nothing for a slot any more.</summary>
    public void Remove(int number)
    {
        var former = slots[number];
        slots.Remove(number);
        Release(former);
    }

    /// <summary>
    /// Empties the slabs that hold little. Each byte that is moved was paid for by one that went, so that this costs no
    /// more than the writes did. Nothing may be reserved: records that move take room, too.
    /// </summary>
    public void Tidy()
    {
        using var survivable = SurvivableAllocations.Enter();
        while (_sparse is { } slab)
        {
            (_sparse, slab.NextSparse, slab.IsSparse) = (slab.NextSparse, null, false);
            try
            {
                Empty(slab);
            }
            catch (OutOfMemoryException)
            {
                // What was moved has moved, and the rest is where it was: the next call continues there.
                MarkIfSparse(slab);
                return;
            }
        }
    }

    /// <summary>All slabs by number, of which no record there is now will ever change.</summary>
    public byte[][] Share()
    {
        var shared = new byte[_slabs.Count][];
        for (var i = 0; i < shared.Length; i++)
        {
            if (_slabs[i] is not { } slab)
                continue;
            slab.Shared = slab.Used;
            shared[i] = slab.Bytes;
        }

        return shared;
    }

    private static int Append(Slab slab, int size)
    {
        var offset = slab.Used;
        slab.Used += size;
        slab.Live += size;
        return offset;
    }

    // The record that does not fit any more leaves less than its own size unused.
    private static int UsableRoom(Slab slab) => Math.Max(0, slab.Free - MaxSharedRecord);

    private bool FitsInPlace(in Slot slot, int size) =>
        !slot.IsFree && slot.Size == size && _slabs[slot.Slab] is { } own && slot.Offset >= own.Shared;

    private Slab NewSlab() =>
        new(memory.UninitializedBytes((int)Math.Clamp(Bytes, MinSlabBytes, MaxSlabBytes)));

    // So that to add so many slabs, and to drop all there are then, needs no memory.
    private void ReserveNumbers(int count)
    {
        memory.EnsureCapacity(_slabs, _slabs.Count + count);
        memory.EnsureCapacity(_freeNumbers, _slabs.Count + count);
    }

    private Slab TakePrepared(int size)
    {
        var index = _prepared.FindIndex(slab => slab.Bytes.Length == size);
        var prepared = _prepared[index];
        _prepared.RemoveAt(index);
        return prepared;
    }

    // The slab at the end, with room for a record of that size.
    private Slab EndFor(int size)
    {
        if (_end.Free < size)
            BeginSlab();
        return _end;
    }

    private void BeginSlab()
    {
        if (_spares.Count == 0)
            ReserveNumbers(1);
        var full = _end;
        _end = Add(_spares.TryPop(out var spare) ? spare : NewSlab());
        if (full.Number >= 0)
            MarkIfSparse(full);
    }

    private Slab Add(Slab slab)
    {
        Bytes += slab.Bytes.Length;
        if (_freeNumbers.TryPop(out var number))
        {
            _slabs[number] = slab;
        }
        else
        {
            number = _slabs.Count;
            _slabs.Add(slab);
        }

        slab.Number = number;
        return slab;
    }

    private void Release(in Slot former)
    {
        var slab = _slabs[former.Slab]!;
        slab.Live -= former.Size;
        if (slab != _end)
            MarkIfSparse(slab);
    }

    private void MarkIfSparse(Slab slab)
    {
        if (slab.IsSparse || slab.Live > slab.Bytes.Length / 2)
            return;
        (slab.IsSparse, slab.NextSparse) = (true, _sparse);
        _sparse = slab;
    }

    private void Empty(Slab slab)
    {
        var at = 0;
        while (slab.Live > 0)
        {
            var record = slab.Bytes.AsSpan(at);
            var (owner, size) = SlabRecord.Read(record);
            if (slots[owner].Slab == slab.Number && slots[owner].Offset == at)
                Move(owner, slab, record[..size]);
            at += size;
        }

        Drop(slab);
    }

    private void Move(int owner, Slab from, ReadOnlySpan<byte> record)
    {
        var end = EndFor(record.Length);
        ref var slot = ref slots[owner];
        slot.Slab = end.Number;
        slot.Offset = Append(end, record.Length);
        record.CopyTo(end.Bytes.AsSpan(slot.Offset));
        from.Live -= record.Length;
    }

    private void Drop(Slab slab)
    {
        _slabs[slab.Number] = null;
        _freeNumbers.Push(slab.Number);
        Bytes -= slab.Bytes.Length;
        if (slab.Shared > 0 || slab.Bytes.Length != MaxSlabBytes || _spares.Count >= KeptSpares)
            return;
        slab.Used = 0;
        _spares.Push(slab);
    }
}
